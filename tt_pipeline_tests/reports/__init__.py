"""Tests of reports: questions and exports."""
