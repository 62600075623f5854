"""What may be chosen: the program of MODEL.md, one small function a rule."""
