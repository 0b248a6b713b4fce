using RecursiveMas;
using RecursiveMas.DeliberationSample;

// Without arguments agents say lines of a script, with real tools. With a question the released system answers it; it is downloaded when it is first asked for.
var python = new PythonTool();
SandboxReport report = await python.InspectAsync();
Console.WriteLine(report);
bool web = Environment.GetEnvironmentVariable("TAVILY_API_KEY") is { Length: > 0 };
var search = new SearchTool(web ? new TavilySearch() : new FolderSearch(Path.Combine(AppContext.BaseDirectory, "encyclopedia")));
var tools = new ToolOptions { Tools = [python, search] };
await using MasSystem mas = args.Length == 0
    ? await Rehearsal.LoadAsync(tools)
    : await MasSystem.LoadAsync("deliberation", new MasOptions { Tools = tools, Download = MasDownload.Auto });
await ToolScreen.ShowAsync(mas, new MasQuestion(args.Length == 0 ? Rehearsal.Question : string.Join(' ', args)), Console.Out);
