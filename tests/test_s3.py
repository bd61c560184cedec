"""Raw files from, and editions to, a server that speaks S3: moto's, on this machine."""

import importlib.util
import json
import logging
import os
import socket
import subprocess
import sys

import pytest

from corpus import raw, remote
from corpus.build import build
from corpus.records import Page, Quarantined
from corpus.remote import RemotePath, files

pytest.importorskip("s3fs", reason="needs the extra `s3`")
pytest.importorskip("moto.server", reason="needs moto[server]")

pytestmark = pytest.mark.filterwarnings("ignore")  # botocore's and werkzeug's own

KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}
ALONE = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "1", "AWS_CONFIG_FILE": os.devnull}


@pytest.fixture(scope="module")
def address():
    """The address of a server that holds nothing."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def bucket(address, monkeypatch):
    """A new bucket on the server, and the file system that reaches it."""
    import s3fs

    for name, value in {**KEYS, **ALONE, "AWS_ENDPOINT_URL": address}.items():
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    remote._file_system.cache_clear()
    system = s3fs.S3FileSystem()
    name = f"harbour-{os.urandom(4).hex()}"
    system.mkdir(name)
    yield system, name
    remote._file_system.cache_clear()
    s3fs.S3FileSystem.clear_instance_cache()


def _corpus(*given, **env):
    told = {name: value for name, value in (os.environ | env).items() if value}
    command = [sys.executable, "-m", "corpus", *map(str, given)]
    return subprocess.run(command, capture_output=True, text=True, env=told, check=False, timeout=240)


def _sent(system, name, project):
    for path in (project.root / "raw").rglob("*.html"):
        system.pipe_file(f"{name}/raw/{path.relative_to(project.root / 'raw')}", path.read_bytes())


def test_a_project_is_built_from_and_to_a_bucket_as_from_and_to_a_folder(project, bucket, tmp_path):
    system, name = bucket
    project.write(
        "raw/my-source/more.html", "<article><p>潮水退去之后，工人开始清点昨天到港的货柜。</p></article>"
    )
    here = build(project.root, workers=1)
    _sent(system, name, project)
    (project.root / "raw").rename(project.root / "aside")
    out = f"s3://{name}/out"
    run = _corpus("build", project.root, "--raw", f"s3://{name}/raw", "--out", out, "--workers", 2)
    assert run.returncode == 0, run.stderr
    edition = run.stdout.rpartition("Published in ")[2].strip()
    assert edition.startswith(f"{out}/")
    there = dict(files(RemotePath(edition)))
    assert {key: system.cat_file(f"{edition}/{key}") for key in there} == {
        path.relative_to(here.published).as_posix(): path.read_bytes() for path in here.files
    }
    assert _corpus("verify", out).returncode == 0
    system.pipe_file(f"{edition}/README.md", b"other words")
    assert _corpus("verify", out).returncode == 1
    code = (
        "import os, sys\nfrom datasets import load_dataset\n"
        "options = {'endpoint_url': os.environ['AWS_ENDPOINT_URL']}\n"
        "files = {'train': f'{sys.argv[1]}/documents/*.parquet'}\n"
        "print(len(load_dataset('parquet', data_files=files, split='train', storage_options=options)))"
    )
    env = os.environ | {"HF_DATASETS_OFFLINE": "0", "HF_DATASETS_CACHE": str(tmp_path)}
    loaded = subprocess.run(
        [sys.executable, "-c", code, edition], capture_output=True, text=True, env=env, check=True
    )
    assert int(loaded.stdout) == here.documents


def _record(number):
    text = f"第{number}号泊位的工人说，等了{number + 2}周的货轮今天可以靠岸了，海风不大，船员都在甲板上。"
    page = f"<title>泊位{number}</title><article><p>{text}</p><p>{text[::-1]}</p></article>"
    body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page.encode() + b" " * 40_000
    head = b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:berth-%d>\r\n" % number
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body + b"\r\n\r\n"


def test_all_commands_work_on_raw_files_that_the_project_says_lie_in_a_bucket(project, bucket, monkeypatch):
    from corpus.trace import trace

    system, name = bucket
    project.write("raw/my-source/crawl.warc", b"".join(map(_record, range(30))))
    project.annotate(project.line("南屿贸易公司"))
    here = trace(project.root, "my-source/crawl#berth-17")
    system.put(str(project.root / "raw"), f"{name}/raw", recursive=True)
    (project.root / "raw").rename(project.root / "aside")
    schema = project.root / "schema/corpus.yaml"
    schema.write_text(f"{schema.read_text('utf-8')}\nraw: s3://{name}/raw\n", "utf-8")
    assert _corpus("build", project.root, "--workers", 2).returncode in {0, 1}
    assert json.loads(_corpus("status", project.root, "--json").stdout)["pages"] == 31
    audited = json.loads(_corpus("audit", project.root, "--json").stdout)["findings"]
    assert [each["check"] for each in audited if each["level"] == "error"] == []
    told = _corpus("trace", "my-source/crawl#berth-17", "--root", project.root, "--json").stdout
    assert [json.loads(line) for line in told.splitlines()] == [each.as_json() for each in here]
    (project.root / "schema/labels.yaml").touch()
    system.pipe_file(f"{name}/raw/my-source/page.html", b"<p>" + "潮水退去之后，泊位空了。".encode() * 9)
    assert "my-source/page" in _corpus("status", project.root).stdout
    gone = _corpus(
        *("forget", "my-source/crawl#berth-17", project.root, "--reason", "asked for", "--yes", "--json")
    )
    assert json.loads(gone.stdout)["removed"]
    assert b"berth-17" not in system.cat_file(f"{name}/raw/my-source/crawl.warc")
    assert b"berth-18" in system.cat_file(f"{name}/raw/my-source/crawl.warc")
    assert not json.loads(_corpus("status", project.root, "--json").stdout)["current"]


def test_a_trace_of_a_record_in_a_bucket_fetches_little_of_its_archive(project, bucket, monkeypatch):
    import s3fs

    from corpus import last_build
    from corpus.trace import trace

    system, name = bucket
    monkeypatch.setattr(last_build, "QUIET_SECONDS", 0)
    monkeypatch.setattr(remote, "BLOCK_BYTES", 1 << 16)
    system.pipe_file(f"{name}/raw/my-source/crawl.warc", b"".join(map(_record, range(60))))
    schema = project.root / "schema/corpus.yaml"
    schema.write_text(f"{schema.read_text('utf-8')}\nraw: s3://{name}/raw\n", "utf-8")
    fetched = []
    fetch = s3fs.S3File._fetch_range

    def counting(self, start, end):
        fetched.append(end - start)
        return fetch(self, start, end)

    monkeypatch.setattr(s3fs.S3File, "_fetch_range", counting)
    before = trace(project.root, "my-source/crawl#berth-41")
    assert sum(fetched) > 41 * 40_000
    build(project.root, workers=1)
    del fetched[:]
    assert trace(project.root, "my-source/crawl#berth-41") == before
    assert 0 < sum(fetched) < 8 * 40_000


@pytest.mark.parametrize("engine", ["local", "ray"])
def test_a_build_of_two_processes_from_a_bucket_to_a_bucket_gives_the_same(project, bucket, engine):
    if engine == "ray" and not importlib.util.find_spec("ray"):
        pytest.skip("needs the extra `ray`")
    system, name = bucket
    project.write("raw/my-source/crawl.warc", b"".join(map(_record, range(30))))
    here = build(project.root, workers=1, cache=False)
    system.put(str(project.root / "raw"), f"{name}/raw", recursive=True)
    (project.root / "raw").rename(project.root / "aside")
    how = ("--engine", engine, "--workers", 2, "--raw", f"s3://{name}/raw", "--out", f"s3://{name}/out")
    run = _corpus("build", project.root, *how)
    assert run.returncode == 0, run.stderr
    edition = run.stdout.rpartition("Published in ")[2].strip()
    assert {key: system.cat_file(f"{edition}/{key}") for key, _ in files(RemotePath(edition))} == {
        path.relative_to(here.published).as_posix(): path.read_bytes() for path in here.files
    }
    missing = _corpus("build", project.root, "--engine", engine, "--raw", "s3://nowhere/raw")
    assert missing.returncode == 2
    assert "s3://nowhere/raw: found no such bucket or folder" in missing.stderr
    told = json.loads(_corpus("status", project.root, "--out", f"s3://{name}/out", "--json").stdout or "{}")
    assert told == {}  # its own raw/ is gone: the schema does not say where the files lie


@pytest.mark.parametrize(
    ("given", "env", "words"),
    [
        (["--raw", "s3://nowhere/raw"], {}, "s3://nowhere/raw: found no such bucket or folder"),
        (["--out", "s3://nowhere/out"], {}, "found no bucket or folder s3://nowhere"),
        (
            ["--raw", "s3://nowhere/raw"],
            {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SHARED_CREDENTIALS_FILE": os.devnull},
            "found no right to it (NoCredentialsError",
        ),
        (["--raw", "s3://nowhere/raw"], {"AWS_ENDPOINT_URL": "closed"}, "found that it does not answer"),
    ],
)
def test_what_cannot_be_reached_is_one_message_and_nothing_is_lost(project, bucket, given, env, words):
    build(project.root, workers=1)
    before = {path: path.read_bytes() for path in (project.root / "published").rglob("*.parquet")}
    if env.get("AWS_ENDPOINT_URL"):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            env = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{free.getsockname()[1]}"}
    run = _corpus("build", project.root, *given, "--workers", 1, **env)
    assert run.returncode == 2
    [line] = run.stderr.strip().splitlines()
    assert words in line
    assert {path: path.read_bytes() for path in before} == before


def test_a_file_that_vanishes_from_a_bucket_is_named(project, bucket):
    system, name = bucket
    _sent(system, name, project)
    system.pipe_file(f"{name}/raw/z.html", b"<p>tide")
    root = RemotePath(f"s3://{name}/raw")
    found, _ = raw.find(root)
    system.rm(f"{name}/raw/z.html")
    remote.reached(root, "invalidate_cache")
    *pages, left = [page for path in found for page in raw.read(path, root)]
    assert left == Quarantined("z.html", "the file cannot be read: there is no such file")
    assert all(isinstance(page, Page) for page in pages)


def test_a_file_that_changes_while_it_is_read_is_a_failure(bucket, monkeypatch):
    system, name = bucket
    monkeypatch.setattr(remote, "BLOCK_BYTES", 1 << 10)
    system.pipe_file(f"{name}/raw/a.jsonl", b'{"text": "tide"}\n' * 99_999)
    read = raw.read(RemotePath(f"s3://{name}/raw/a.jsonl"), RemotePath(f"s3://{name}/raw"))
    assert next(read).body == b"tide"
    system.pipe_file(f"{name}/raw/a.jsonl", b'{"text": "flood"}\n' * 99_999)
    with pytest.raises(OSError):
        assert {page.body for page in read} == {b"tide"}
