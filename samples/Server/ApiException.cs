namespace RecursiveMas.Server;

/// <summary>What a caller is told, as OpenAI's API tells it.</summary>
/// <param name="status">HTTP status.</param>
/// <param name="type">Type of the error.</param>
/// <param name="code">Its code.</param>
/// <param name="message">What is wrong.</param>
/// <param name="parameter">The parameter that is at fault; null for none.</param>
internal sealed class ApiException(int status, string type, string? code, string message, string? parameter = null) : Exception(message)
{
    public int Status => status;

    public object Body => new { error = new { message = Message, type, param = parameter, code } };

    public static ApiException BadRequest(string code, string message, string? parameter = null) =>
        new(400, "invalid_request_error", code, message, parameter);

    /// <summary>What a caller is told about an exception. Of faults that are not the caller's only the log has the details.</summary>
    public static ApiException Of(Exception error, bool late) => error switch
    {
        ApiException told => told,
        _ when late => new ApiException(
            504, "server_error", "timeout", "The question took longer than this server allows. Ask for less, or raise Server:MaxTime."),
        OverloadedException => new ApiException(429, "requests", "rate_limit_exceeded", "Too many questions are running and waiting. Try again in a while."),
        BadHttpRequestException { StatusCode: 413 } => new ApiException(
            413, "invalid_request_error", "request_too_large", "The body of the request is too large."),
        BadHttpRequestException bad => new ApiException(bad.StatusCode, "invalid_request_error", "bad_request", bad.Message),
        InvalidOptionException option => BadRequest("invalid_value", option.Message, option.Option),
        PromptException prompt => BadRequest("invalid_prompt", prompt.Message, "messages"),
        ObjectDisposedException => new ApiException(503, "server_error", "shutting_down", "The server is about to stop."),
        _ => new ApiException(500, "server_error", "internal_error", "The server could not answer. Its log says why."),
    };
}
