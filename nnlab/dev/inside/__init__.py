"""What runs in the finished environment, started by the command of the same name; may import what it holds."""
