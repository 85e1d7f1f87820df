return { title = "Settled cars that nobody has taken home", none = "No car is waiting.", days = "{n} days" }
