"""What was answered?"""
