using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Options;

namespace RecursiveMas.Server.OpenAI;

/// <summary>/v1/chat/completions.</summary>
internal static class ChatCompletions
{
    private static readonly byte[] s_done = [.. "[DONE]"u8];

    public static async Task PostAsync(HttpContext context, SystemList systems, IOptions<ServerOptions> options)
    {
        CompletionRequest request = CompletionRequest.Read(await JsonBody.ReadAsync(context), options.Value);
        IChatClient client = systems.Client(request.Model);
        if (request.Stream)
            await StreamAsync(context, client, request);
        else
            await context.Response.WriteAsJsonAsync(
                Completion.Whole(request.Model, await client.GetResponseAsync(request.Messages, request.Options, context.RequestAborted)),
                context.RequestAborted);
    }

    private static async Task StreamAsync(HttpContext context, IChatClient client, CompletionRequest request)
    {
        (HttpResponse response, CancellationToken gone) = (context.Response, context.RequestAborted);
        var completion = new Completion(request.Model, request.IncludeUsage);
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(request.Messages, request.Options, gone))
        {
            // What is refused is refused by then, and has a status of its own.
            if (!response.HasStarted)
            {
                EventStream.Begin(response);
                await EventStream.WriteAsync(response, completion.First(), gone);
            }

            foreach (JsonObject chunk in completion.Of(update))
                await EventStream.WriteAsync(response, chunk, gone);
        }

        await EventStream.WriteAsync(response, s_done, gone);
    }
}
