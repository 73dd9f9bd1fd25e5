"""Times `import vmm_lab` in fresh processes, beside the import of NumPy alone, and counts what it brings along."""
import subprocess
import sys

from harness import paired, write_results


def python(code):
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def main():
    # Inside the process, so that the start of Python itself does not count.
    seconds = sorted(float(python("import time; t = time.perf_counter(); import vmm_lab; print(time.perf_counter() - t)")) for _ in range(9))[4]
    heavy = python("import sys, vmm_lab; print(len({'tensorflow', 'keras'} & set(sys.modules)))").strip()
    pair = paired(lambda: python("import vmm_lab"), lambda: python("import numpy"))
    write_results("package", [
        {"what": "`import vmm_lab`, median of 9 fresh processes", "seconds": seconds, "bar": "< 0.3 s", "met": seconds < 0.3},
        {"what": "`import vmm_lab`, TensorFlow modules loaded", "value": heavy, "bar": "0", "met": heavy == "0"},
        {"what": "a process that imports vmm_lab, against one that imports numpy", **pair, "bar": None, "met": None},
    ], packages=("vmm-lab",))


if __name__ == "__main__":
    main()
