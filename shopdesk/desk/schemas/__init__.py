"""Shapes of the workbench's resources."""
