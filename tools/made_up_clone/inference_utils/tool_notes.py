TOOLS = "You help with <search> </search> and <python> </python>."
