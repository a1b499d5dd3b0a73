"""Public clients that nobody here wrote, run unchanged against the simulator: do they find in it what they expect?"""
