# Troubles by code: what happened; `.safe` what is safe; `.todo` one thing to do.

error-unknown = Something went wrong that we have no words for yet
    .safe = What was made so far stays as it is.
    .todo = Try again. If it happens again, show the line for engineers to the person who helps you.
