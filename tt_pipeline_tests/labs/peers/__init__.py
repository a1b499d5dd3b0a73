"""Public clients, run unchanged against the simulator, which must answer them as TikTok does."""
