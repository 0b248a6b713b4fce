using System.ClientModel;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using OpenAI.Chat;
using Xunit;

namespace RecursiveMas.Conformance.Server;

/// <summary>Sixteen callers over HTTP: each has his answer, whoever else leaves or does not read. What they gain on one caller is printed.</summary>
public sealed class ManyHttpCallersTests
{
    private const int Callers = 16;

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Sixteen_callers_have_the_answers_of_one()
    {
        await using RunningServer server = await RunningServer.StartAsync(Token);
        await AskAsync(server, 4, 1);
        double one = await AskAsync(server, 24, 1), many = await AskAsync(server, 96, Callers);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"one caller: {one:0.0} answers a second, {Callers} callers: {many:0.0}, which is {many / one:0.00} times as many");
    }

    [Fact]
    public async Task Who_leaves_in_the_middle_disturbs_nobody()
    {
        await using RunningServer server = await RunningServer.StartAsync(Token);
        using var leaving = new CancellationTokenSource();
        Task gone = Task.Run(
            async () =>
            {
                int pieces = 0;
                await foreach (StreamingChatCompletionUpdate _ in server.Chat(RunningServer.Endless).CompleteChatStreamingAsync(
                    [new UserChatMessage("How many?")], cancellationToken: leaving.Token))
                {
                    if (++pieces == 10)
                        await leaving.CancelAsync();
                }
            },
            Token);
        await AskAsync(server, 32, Callers - 1);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone.WaitAsync(s_patience, Token));
        Assert.True(SpinWait.SpinUntil(() => server.EndlessEnded == 1, s_patience), "The question goes on although nobody waits for its answer.");
        await AskAsync(server, 8, 1);
    }

    [Fact]
    public async Task Who_does_not_read_holds_up_neither_his_own_run_nor_others()
    {
        await using RunningServer server = await RunningServer.StartAsync(Token);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4_096 };
        await socket.ConnectAsync(server.Address.Host, server.Address.Port, Token);
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(
            new { model = RunningServer.Flood, stream = true, messages = new[] { new { role = "user", content = "How many?" } } });
        await socket.SendAsync(
            (byte[])[.. Encoding.ASCII.GetBytes(
                "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n" +
                $"Content-Length: {body.Length}\r\n\r\n"), .. body],
            Token);
        Assert.True(SpinWait.SpinUntil(() => server.Floods == 1, s_patience), "The run waits for its reader.");
        await AskAsync(server, 32, Callers - 1);
        // Nothing is lost for who reads late.
        byte[] buffer = new byte[1 << 16];
        long read = 0, letters = 0;
        string end = "";
        for (int got; (got = await socket.ReceiveAsync(buffer, Token)) > 0; read += got)
        {
            letters += buffer.AsSpan(0, got).Count((byte)'x');
            end = (end + Encoding.ASCII.GetString(buffer, 0, got))[^Math.Min(got + end.Length, 200)..];
        }

        Assert.InRange(letters, RunningServer.FloodLength, RunningServer.FloodLength + 1_000);
        Assert.Contains("data: [DONE]", end, StringComparison.Ordinal);
    }

    /// <summary>Answers a second.</summary>
    private static async Task<double> AskAsync(RunningServer server, int questions, int callers)
    {
        var clock = Stopwatch.StartNew();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, questions),
            new ParallelOptions { MaxDegreeOfParallelism = callers, CancellationToken = Token },
            async (_, token) =>
            {
                ClientResult<ChatCompletion> answer = await server.Chat().CompleteChatAsync(
                    [new UserChatMessage(RunningServer.Question)], cancellationToken: token);
                Assert.Equal(RunningServer.Answer, answer.Value.Content[0].Text);
            });
        return questions / clock.Elapsed.TotalSeconds;
    }
}
