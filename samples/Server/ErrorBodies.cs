using Microsoft.Extensions.Options;

namespace RecursiveMas.Server;

/// <summary>Ends requests that take too long, and answers whatever goes wrong with a body that clients understand.</summary>
internal sealed class ErrorBodies(RequestDelegate next, IOptions<ServerOptions> options, ILogger<ErrorBodies> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        CancellationToken gone = context.RequestAborted;
        using var time = CancellationTokenSource.CreateLinkedTokenSource(gone);
        time.CancelAfter(options.Value.MaxTime);
        context.RequestAborted = time.Token;
        try
        {
            await next(context);
            if (context.Response is { StatusCode: 404 or 405 or 415, HasStarted: false })
                throw new ApiException(context.Response.StatusCode, "invalid_request_error", null, Nothing(context));
        }
        catch (Exception error) when (!gone.IsCancellationRequested)
        {
            await TellAsync(context, ApiException.Of(error, late: time.IsCancellationRequested && error is OperationCanceledException), error);
        }
        catch (OperationCanceledException)
        {
            // The caller has left.
        }
        finally
        {
            context.RequestAborted = gone;
        }
    }

    private async Task TellAsync(HttpContext context, ApiException told, Exception error)
    {
        if (told.Status >= 500 && error is not ApiException)
            logger.LogError(error, "{Method} {Path} failed", context.Request.Method, context.Request.Path);
        if (context.Response.HasStarted)
        {
            // Only a stream of events has begun by now; its reader learns of the error in an event.
            await EventStream.WriteAsync(context.Response, told.Body, CancellationToken.None);
            return;
        }

        context.Response.Clear();
        context.Response.StatusCode = told.Status;
        if (told.Status is 429 or 503)
            context.Response.Headers.RetryAfter = "1";
        await context.Response.WriteAsJsonAsync(told.Body, CancellationToken.None);
    }

    private static string Nothing(HttpContext context) => context.Response.StatusCode switch
    {
        405 => $"{context.Request.Path} does not take {context.Request.Method}.",
        415 => "The body must be JSON, with the content type application/json.",
        _ => $"There is no {context.Request.Path}.",
    };
}
