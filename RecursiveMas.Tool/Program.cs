using RecursiveMas.Tool;
using RecursiveMas.Tool.Output;

StandardStreams.Guard();
return await CommandLine.RunAsync(args);
