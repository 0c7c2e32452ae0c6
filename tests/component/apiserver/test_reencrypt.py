"""`pw cluster reencrypt`: what is not encrypted with the first key is written anew, and nothing else is."""

import asyncio
import json
import sys
from pathlib import Path

import pytest
from api_client import until
from https_server import serving

from podwright.cli.cluster_encryption_key import encrypt_all
from podwright.deploy.encryption import begin_rotation, end_rotation, ensure_configuration
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
            "secrets: 0 of 3 encrypted anew\nconfigmaps: 0 of 1 encrypted anew\n",
        )
        code, output = await pw(https, "cluster", "reencrypt", "nonsense")
        assert code == 1
        assert "nonsense" in output
        for name in "abc":
            found = await store.get(f"/registry/secrets/default/{name}")
            assert found.value.startswith(b"pw:enc:aesgcm:v1:key-2:")


async def test_the_clusters_own_keys_are_rotated(pki, signing_key, tmp_path):
    config = ensure_configuration(tmp_path / "encryption.json")
    store = MemoryStore()
    async with serving(pki, signing_key, tmp_path, store=store, encryption_config_file=config) as https:
        await https.api.create(SECRETS, {"metadata": {"name": "a"}, "stringData": {"p": "a"}})
        for name in ("key-2", "key-3"):
            assert begin_rotation(config) == name
            await encrypt_all(https.kubeconfig(), name)
            end_rotation(config)
            found = await store.get("/registry/secrets/default/a")
            assert found.value.startswith(b"pw:enc:aesgcm:v1:%b:" % name.encode())
    keys = json.loads(config.read_text())["resources"][0]["providers"][0]["aesgcm"]["keys"]
    assert [key["name"] for key in keys] == ["key-3", "key-2"]
    assert config.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("change", [lambda d: d.update(x=1), lambda d: d.update(resources=[]), lambda d: d.clear()])
def test_a_file_that_somebody_changed_is_left_alone(tmp_path, change):
    config = ensure_configuration(tmp_path / "encryption.json")
    document = json.loads(config.read_text())
    change(document)
    config.write_text(json.dumps(document))
    with pytest.raises(ValueError, match="somebody has changed the file"):
        begin_rotation(config)
    assert json.loads(config.read_text()) == document
