using RecursiveMas.Configuration;

namespace RecursiveMas.Hub.Tests;

/// <summary>The environment variables of the Hugging Face tools.</summary>
public class EnvironmentTests
{
    [Fact]
    public void Cache_folder_by_order_of_the_variables()
    {
        string user = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        Assert.Equal(Path.Combine(user, ".cache", "huggingface", "hub"), Of().CacheFolder);
        Assert.Equal("/x/huggingface/hub", Of(("XDG_CACHE_HOME", "/x")).CacheFolder);
        Assert.Equal("/h/hub", Of(("XDG_CACHE_HOME", "/x"), ("HF_HOME", "/h")).CacheFolder);
        Assert.Equal("/old", Of(("HF_HOME", "/h"), ("HUGGINGFACE_HUB_CACHE", "/old")).CacheFolder);
        Assert.Equal(Path.Combine(user, "models"), Of(("HF_HUB_CACHE", "~/models")).CacheFolder);
        Assert.Equal("/new", Of(("HF_HOME", "/h"), ("HUGGINGFACE_HUB_CACHE", "/old"), ("HF_HUB_CACHE", "/new")).CacheFolder);
    }

    [Theory]
    [InlineData("HF_HUB_OFFLINE", "1", true)]
    [InlineData("HF_HUB_OFFLINE", "yes", true)]
    [InlineData("HF_HUB_OFFLINE", "On", true)]
    [InlineData("TRANSFORMERS_OFFLINE", "TRUE", true)]
    [InlineData("HF_HUB_OFFLINE", "0", false)]
    [InlineData("HF_HUB_OFFLINE", "", false)]
    [InlineData("HF_HUB_OFFLINE", "no", false)]
    public void Offline_switches(string name, string value, bool offline) =>
        Assert.Equal(offline ? $"{name} is set" : null, Resolve([(name, value)]).OfflineBecause);

    [Fact]
    public void Options_win_over_variables()
    {
        HubSettings settings = Resolve(
            [
                ("HF_HUB_OFFLINE", "1"),
                ("HF_ENDPOINT", "http://a.example"),
                ("HF_TOKEN", "hf_a"),
                ("HF_HUB_CACHE", "/a"),
                ("HF_HUB_ETAG_TIMEOUT", "3"),
                ("HF_HUB_DOWNLOAD_TIMEOUT", "4"),
                ("HF_HUB_DISABLE_SYMLINKS", "1"),
            ],
            new HubClientOptions
            {
                Offline = false,
                Endpoint = new Uri("http://b.example/hub/"),
                Token = "hf_b",
                CacheFolder = "/b",
                MetadataTimeout = TimeSpan.FromSeconds(5),
                DownloadTimeout = TimeSpan.FromSeconds(6),
                SymbolicLinks = true,
            });
        Assert.Null(settings.OfflineBecause);
        Assert.Equal("http://b.example/hub/", settings.Endpoint.ToString());
        Assert.Equal(("hf_b", "/b", true), (settings.Token, settings.CacheFolder, settings.SymbolicLinks));
        Assert.Equal((5, 6), (settings.MetadataTimeout.TotalSeconds, settings.DownloadTimeout.TotalSeconds));
    }

    [Fact]
    public void Variables_fill_what_options_leave_out()
    {
        HubSettings settings = Resolve([
            ("HF_ENDPOINT", "http://a.example/"),
            ("HF_TOKEN", " hf_a\n"),
            ("HF_HUB_CACHE", "/a"),
            ("HF_HUB_ETAG_TIMEOUT", "3"),
            ("HF_HUB_DOWNLOAD_TIMEOUT", "4.5"),
            ("HF_HUB_DISABLE_SYMLINKS", "1"),
        ]);
        Assert.Equal(("http://a.example/", "hf_a", "/a", false), (settings.Endpoint.ToString(), settings.Token, settings.CacheFolder, settings.SymbolicLinks));
        Assert.Equal((3, 4.5), (settings.MetadataTimeout.TotalSeconds, settings.DownloadTimeout.TotalSeconds));
        HubSettings plain = Resolve([("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")]);
        Assert.Equal(HubEnvironment.DefaultEndpoint + "/", plain.Endpoint.ToString());
        Assert.Equal((10, 10), (plain.MetadataTimeout.TotalSeconds, plain.DownloadTimeout.TotalSeconds));
    }

    [Fact]
    public void Token_from_variables_or_file_unless_forbidden()
    {
        using var folder = new TempFolder();
        string file = Path.Combine(folder.Path, "token"), other = Path.Combine(folder.Path, "other");
        Assert.Null(Of(("HF_HOME", folder.Path)).ReadToken());
        File.WriteAllText(file, "hf_file\n");
        File.WriteAllText(other, "  hf_other  ");
        Assert.Equal("hf_file", Of(("HF_HOME", folder.Path)).ReadToken());
        Assert.Equal("hf_other", Of(("HF_HOME", folder.Path), ("HF_TOKEN_PATH", other)).ReadToken());
        Assert.Equal("hf_old", Of(("HF_HOME", folder.Path), ("HUGGING_FACE_HUB_TOKEN", "hf_old")).ReadToken());
        Assert.Equal("hf_new", Of(("HF_HOME", folder.Path), ("HUGGING_FACE_HUB_TOKEN", "hf_old"), ("HF_TOKEN", "hf_new")).ReadToken());
        Assert.Null(Of(("HF_HOME", folder.Path), ("HF_TOKEN", "hf_new"), ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")).ReadToken());
        File.WriteAllText(file, new string('x', 10_000));
        Assert.Throws<InvalidOptionException>(() => Of(("HF_HOME", folder.Path)).ReadToken());
        Assert.Null(Resolve([("HF_HOME", folder.Path), ("HF_TOKEN", "hf_new")], new HubClientOptions { Token = "" }).Token);
    }

    [Theory]
    [InlineData("HF_ENDPOINT", "ftp://a.example")]
    [InlineData("HF_ENDPOINT", "a.example")]
    [InlineData("HF_ENDPOINT", "http://user:password@a.example")]
    [InlineData("HF_HUB_ETAG_TIMEOUT", "soon")]
    [InlineData("HF_HUB_DOWNLOAD_TIMEOUT", "0")]
    [InlineData("HF_TOKEN", "hf_a\r\nHost: b")]
    public void Impossible_values_are_errors_that_name_the_variable(string name, string value)
    {
        InvalidOptionException error = Assert.Throws<InvalidOptionException>(() => Resolve([(name, value)]));
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    private static HubEnvironment Of(params (string Name, string Value)[] variables)
    {
        var all = variables.ToDictionary(variable => variable.Name, variable => variable.Value);
        return new HubEnvironment(name => all.GetValueOrDefault(name));
    }

    private static HubSettings Resolve((string Name, string Value)[] variables, HubClientOptions? options = null) =>
        HubSettings.Resolve(options ?? new HubClientOptions(), Of(variables));
}
