import subprocess
import sys

# Loaded before pytester remembers which modules to forget after a test: what is loaded twice is not itself.
import corpus.auditing
import corpus.cli.init  # noqa: F401

BUILDS = ("-k", "corpus[")
"""The two items on the build; tests/audit/test_audit_plugin.py asks for those of the audit."""


def test_the_plugin_is_silent_and_imports_nothing_of_corpus_when_it_is_not_switched_on(pytester):
    pytester.makepyfile("""
        import sys

        def test_light():
            loaded = {name for name in sys.modules if name.startswith("corpus.")}
            assert loaded <= {"corpus.pytest_plugin"}
            assert "polars" not in sys.modules
    """)
    result = pytester.runpytest_subprocess("-q")
    result.assert_outcomes(passed=1)


def test_a_project_that_builds_and_is_published_passes(pytester, project):
    from corpus.build import build

    build(project.root, workers=1)
    result = pytester.runpytest_subprocess("--corpus", str(project.root), *BUILDS)
    result.assert_outcomes(passed=2)


def test_a_wrong_annotation_fails_with_its_line(pytester, project):
    project.annotate(project.line("南屿贸易公司", label="SHIP"))
    result = pytester.runpytest_subprocess("--corpus", str(project.root), *BUILDS)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["*annotations/entity/gold.jsonl:1: unknown label 'SHIP'*"])


def test_a_published_folder_that_is_stale_fails(pytester, project):
    from corpus.build import build

    build(project.root, workers=1)
    project.write("raw/my-source/more.txt", "码头今天照常开放，船只请按编号靠泊，夜间不收泊位费。\n")
    result = pytester.runpytest_subprocess("--corpus", str(project.root), *BUILDS)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*`documents` is not what the sources build to*"])


def test_the_ini_key_switches_it_on(pytester, project):
    from corpus.build import build

    build(project.root, workers=1)
    pytester.makeini(f"[pytest]\ncorpus = {project.root}\n")
    pytester.runpytest_subprocess(*BUILDS).assert_outcomes(passed=2)


def test_importing_corpus_is_light():
    heavy = "('polars', 'datasets', 'pandera', 'numpy')"
    code = f"import corpus, sys; print([name for name in sys.modules if name.split('.')[0] in {heavy}])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
