return { show = "Show", title = "Work orders settled on a day", day = "Day", none = "No work order was settled on this day." }
