using RecursiveMas.Tool;

return await CommandLine.RunAsync(args);
