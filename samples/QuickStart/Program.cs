using RecursiveMas.QuickStart;

return await CommandLine.RunAsync(args);
