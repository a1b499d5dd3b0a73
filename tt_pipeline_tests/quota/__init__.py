"""May I ask?"""
