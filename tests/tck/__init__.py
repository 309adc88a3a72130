"""The public DMN Technology Compatibility Kit as a yardstick: `python -m tests.tck`, `make tck`."""
