namespace RecursiveMas.Shared;

/// <summary>Turns what the system says of a file into exceptions that name the file and the fix.</summary>
internal static class FileFaults
{
    /// <summary>Runs an operation that reads.</summary>
    /// <exception cref="CheckpointException">The system refused it.</exception>
    public static T Read<T>(string path, Func<T> operation)
    {
        try
        {
            return operation();
        }
        catch (Exception error) when (IsOfTheSystem(error))
        {
            throw Unreadable(path, error);
        }
    }

    /// <summary>Runs an operation that writes.</summary>
    /// <exception cref="CheckpointException">The system refused it.</exception>
    public static void Write(string path, Action operation)
    {
        try
        {
            operation();
        }
        catch (Exception error) when (IsOfTheSystem(error))
        {
            throw Unwritable(path, error);
        }
    }

    /// <summary>Runs an operation that writes.</summary>
    /// <exception cref="CheckpointException">The system refused it.</exception>
    public static async Task WriteAsync(string path, Func<Task> operation)
    {
        try
        {
            await operation().ConfigureAwait(false);
        }
        catch (Exception error) when (IsOfTheSystem(error))
        {
            throw Unwritable(path, error);
        }
    }

    /// <summary>Whether an exception comes from the file system rather than from a fault of the program.</summary>
    public static bool IsOfTheSystem(Exception error) => error is IOException or UnauthorizedAccessException or System.Security.SecurityException;

    /// <summary>What is thrown where the system refuses to read.</summary>
    public static CheckpointException Unreadable(string path, Exception error) => new(path, error switch
    {
        FileNotFoundException or DirectoryNotFoundException =>
            "was there a moment ago and is gone. Let nothing else change the folder, or complete the download of this repository.",
        UnauthorizedAccessException => $"may not be read: {error.Message} Allow this user to read it.",
        _ => $"could not be read: {error.Message} Check the disk, or download the file again.",
    }, error);

    private static CheckpointException Unwritable(string path, Exception error) => new(
        path,
        $"could not be written: {error.Message} Check that its folder is there, may be written to, and that the disk is not full.",
        error);
}
