"""The workbench: look-up, the order page, my work; composes everything above."""
