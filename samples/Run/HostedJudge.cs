using System.ClientModel;
using Microsoft.Extensions.AI;
using OpenAI;

namespace RecursiveMas.RunSample;

/// <summary>A judge of answers behind an OpenAI-compatible service.</summary>
internal sealed class HostedJudge : IDisposable
{
    private readonly IChatClient _client;

    private HostedJudge(IChatClient client)
    {
        _client = client;
        Judge = new ChatAnswerJudge(client);
    }

    public IAnswerJudge Judge { get; }

    /// <summary>The judge that the command line names; null if it names none, or if no question needs one.</summary>
    public static HostedJudge? Create(Settings settings, QuestionSet questions)
    {
        if (settings.JudgeModel is not { } model || questions.Questions.All(question => question.Comparison != AnswerComparison.Text))
            return null;
        // A service on this machine asks for no key, but the client sends one.
        string key = Environment.GetEnvironmentVariable("OPENAI_API_KEY") is { Length: > 0 } given ? given
            : settings.JudgeEndpoint is not null ? "none"
            : throw new FormatException("--judge_model needs a key: set OPENAI_API_KEY, or name another service with --judge_endpoint.");
        var options = new OpenAIClientOptions();
        if (settings.JudgeEndpoint is { } endpoint)
            options.Endpoint = endpoint;
        return new HostedJudge(new OpenAIClient(new ApiKeyCredential(key), options).GetChatClient(model).AsIChatClient());
    }

    public void Dispose() => _client.Dispose();
}
