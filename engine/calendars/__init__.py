"""Working time: ISO durations (`iso`) counted on service hours, weekends, holidays and make-up days."""
