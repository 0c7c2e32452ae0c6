"""How schema classes are declared, read, checked and turned back into JSON."""
