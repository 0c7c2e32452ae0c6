"""`pw cluster reencrypt`: what is not encrypted with the first key is written anew, and nothing else is."""

import asyncio
import json
import sys
from pathlib import Path

from api_client import until
from https_server import serving

from podwright.deploy.encryption import ensure_configuration
from podwright.store.memory import MemoryStore

SECRETS = "/api/v1/namespaces/default/secrets"
PW = Path(sys.executable).with_name("pw")


async def pw(https, *arguments):
    command = [str(PW), "--kubeconfig", str(https.kubeconfig()), *arguments]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode()


async def test_reencrypt(pki, signing_key, tmp_path):
    config = ensure_configuration(tmp_path / "encryption.json")
    assert config.stat().st_mode & 0o777 == 0o600
    assert ensure_configuration(config).read_text() == config.read_text(), "a key is made once"
    store = MemoryStore()
    async with serving(pki, signing_key, tmp_path, store=store, encryption_config_file=config) as https:
        for name in ("a", "b"):
            await https.api.create(SECRETS, {"metadata": {"name": name}, "stringData": {"p": name}})
        document = json.loads(config.read_text())
        keys = document["resources"][0]["providers"][0]["aesgcm"]["keys"]
        keys.insert(0, {**keys[0], "name": "key-2"})
        config.write_text(json.dumps(document))
        await until(lambda: https.server.registry.stale, 20)
        await https.api.create(SECRETS, {"metadata": {"name": "c"}})
        assert await pw(https, "cluster", "reencrypt") == (0, "secrets: 2 of 3 encrypted anew\n")
        assert not https.server.registry.stale
        assert await pw(https, "cluster", "reencrypt", "secrets", "cm") == (
            0,
            "secrets: 0 of 3 encrypted anew\nconfigmaps: 0 of 0 encrypted anew\n",
        )
        code, output = await pw(https, "cluster", "reencrypt", "nonsense")
        assert code == 1
        assert "nonsense" in output
        for name in "abc":
            found = await store.get(f"/registry/secrets/default/{name}")
            assert found.value.startswith(b"pw:enc:aesgcm:v1:key-2:")
