"""The leaderboard: submissions, their check, the store of results, the ranking and the app.

A submission is one zip (``bundle``), read as data only (``archive``), recomputed from its answers (``check``), kept for good (``store``) and ranked
beside the others (``ranking``). The same check runs on a laptop and on the server.
"""
