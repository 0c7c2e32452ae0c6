"""Who gets his turn when more is asked than can be answered: flow schemas and priority levels, acted on."""
