"""Time `import vmm_lab` in fresh processes, next to the import of NumPy alone, and count what it brings along."""
import statistics
import subprocess
import sys

from harness import paired, write_results

# Inside the process, so that the start of Python itself does not count.
TIMED = "import time; start = time.perf_counter(); import vmm_lab; print(time.perf_counter() - start)"
HEAVY = "import sys, vmm_lab; print(len({'tensorflow', 'keras'} & set(sys.modules)))"


def run(code):
    """Run the code in a fresh process, and return what it prints."""
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip()


def main():
    """Run the benchmark, and write its results."""
    seconds = statistics.median(float(run(TIMED)) for _ in range(9))
    heavy = run(HEAVY)
    pair = paired(lambda: run("import vmm_lab"), lambda: run("import numpy"))
    write_results("package", [
        {"what": "`import vmm_lab`, median of 9 fresh processes", "seconds": seconds, "bar": "< 0.3 s", "met": seconds < 0.3},
        {"what": "`import vmm_lab`, TensorFlow modules loaded", "value": heavy, "bar": "0", "met": heavy == "0"},
        {"what": "a process that imports vmm_lab, against one that imports numpy", **pair, "bar": None, "met": None},
    ], packages=("vmm-lab",))


if __name__ == "__main__":
    main()
