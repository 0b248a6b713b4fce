using System.Security.Cryptography;

namespace RecursiveMas.Agents;

/// <summary>A piece of rendered text between two slots.</summary>
/// <param name="Text">The text.</param>
/// <param name="Protected">Ranges that come from outside and must not be read as special tokens.</param>
internal sealed record PromptPiece(string Text, IReadOnlyList<Range> Protected);

/// <summary>A prompt after the chat template.</summary>
/// <param name="Text">The whole rendered text, with the markers of the slots in it.</param>
/// <param name="Pieces">The text cut at the slots.</param>
internal sealed record RenderedPrompt(string Text, IReadOnlyList<PromptPiece> Pieces)
{
    /// <summary>Renders a prompt whose slots, and given texts where they need protection, are held by markers.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="protect">Whether a given text must be kept from being read as special tokens.</param>
    /// <param name="render">The chat template: messages to rendered text.</param>
    /// <param name="markerOf">Marker of a part; random by default, so that no question can contain it.</param>
    /// <exception cref="PromptException">The template lost a part.</exception>
    public static RenderedPrompt Create(
        AgentPrompt prompt,
        Func<string, bool> protect,
        Func<IReadOnlyList<PromptMessage>, string> render,
        Func<PromptPart, string>? markerOf = null)
    {
        markerOf ??= RandomMarker;
        var held = new List<(PromptPart Part, string Marker)>();
        var messages = new List<PromptMessage>();
        if (SystemOf(prompt) is { Count: > 0 } system)
            messages.Add(new PromptMessage("system", Text(system)));
        foreach (MasTurn turn in prompt.History)
            messages.Add(new PromptMessage(turn.Role == MasTurnRole.User ? "user" : "assistant", Text([PromptPart.Given(turn.Text)])));
        messages.Add(new PromptMessage("user", Text(prompt.User)));
        return Cut(render(messages), held);

        string Text(IReadOnlyList<PromptPart> parts)
        {
            var text = new System.Text.StringBuilder();
            foreach (PromptPart part in parts)
            {
                bool hold = part.Kind == PromptPartKind.Slot || (part.Kind == PromptPartKind.Given && protect(part.Value));
                if (hold)
                    held.Add((part, markerOf(part)));
                text.Append(hold ? held[^1].Marker : part.Value);
            }

            return text.ToString();
        }
    }

    private static List<PromptPart> SystemOf(AgentPrompt prompt)
    {
        var parts = new List<PromptPart>();
        if (prompt.System is { } system)
            parts.Add(PromptPart.Text(prompt.Instructions is null || system.Length == 0 ? system : system + "\n\n"));
        if (prompt.Instructions is { } instructions)
            parts.Add(PromptPart.Given(instructions));
        return parts;
    }

    private static RenderedPrompt Cut(string rendered, List<(PromptPart Part, string Marker)> held)
    {
        var pieces = new List<PromptPiece>();
        var text = new System.Text.StringBuilder();
        var ranges = new List<Range>();
        int at = 0;
        // Some templates print the system turn within the last user turn.
        var inOrder = held.Select(part => (part.Part, part.Marker, At: rendered.IndexOf(part.Marker, StringComparison.Ordinal))).OrderBy(part => part.At);
        foreach ((PromptPart part, string marker, int found) in inOrder)
        {
            if (found < 0)
                throw new PromptException(
                    $"The chat template dropped {(part.Kind == PromptPartKind.Slot ? $"the slot '{part.Value}'" : "a given text")}. " +
                    "It must print every turn once.");
            text.Append(rendered, at, found - at);
            at = found + marker.Length;
            if (part.Kind == PromptPartKind.Slot)
            {
                pieces.Add(new PromptPiece(text.ToString(), [.. ranges]));
                text.Clear();
                ranges.Clear();
            }
            else
            {
                ranges.Add(text.Length..(text.Length + part.Value.Length));
                text.Append(part.Value);
            }
        }

        text.Append(rendered, at, rendered.Length - at);
        pieces.Add(new PromptPiece(text.ToString(), [.. ranges]));
        return new RenderedPrompt(rendered, pieces);
    }

    private static string RandomMarker(PromptPart part) => "slot" + RandomNumberGenerator.GetHexString(32, lowercase: true);
}
