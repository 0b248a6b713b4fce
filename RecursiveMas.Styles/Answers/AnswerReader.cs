using RecursiveMas.Engine;

namespace RecursiveMas.Answers;

/// <summary>Reads answers by the rules of a system, and sends writers back whose texts hold none.</summary>
/// <param name="prompts">Says from what a writer goes on.</param>
/// <param name="compatibility">Strict reading and the whole conversation, or as the reference implementation does.</param>
/// <param name="enabled">Whether writers are sent back.</param>
/// <param name="tokens">Maximum number of tokens that they then write; null for as published.</param>
internal sealed class AnswerReader(IPromptSource prompts, MasCompatibility compatibility, bool enabled, int? tokens = null) : IAnswerReader
{
    private const int Tokens = 16, CodeTokens = 256;

    private bool AsReference => compatibility == MasCompatibility.Reference;

    private AnswerExtraction Extraction => AsReference ? AnswerExtraction.Reference : AnswerExtraction.Strict;

    public ExtractedAnswer? Read(MasQuestion question, string text) => AnswerExtractor.Extract(text, question, Extraction);

    public AnswerContinuation? Continue(MasQuestion question, string text)
    {
        if (!enabled || question.Kind == TaskKind.Free || prompts.GetAnswerPass(question) is not { } addition)
            return null;
        bool wanted = AsReference ? ReferenceExtraction.WantsAnswerPass(text, question.Kind) : Read(question, text) is null;
        return wanted ? new AnswerContinuation(addition, TokensFor(question.Kind), InConversation: !AsReference) : null;
    }

    public ExtractedAnswer? ReadContinued(MasQuestion question, string text, string added)
    {
        // Read from the start, code cut off in an open fence would reach to the fence of the addition, prose included: the reference's fault.
        ExtractedAnswer? read = Read(question, AsReference ? text : added);
        bool wasThere = AsReference && read == Read(question, text[..^(added.Length + 1)]);
        return read is null || wasThere ? read : read with { Source = AnswerSource.AnswerPass };
    }

    private int TokensFor(TaskKind kind) => (kind, tokens) switch
    {
        (TaskKind.Code, { } given) => AsReference ? Math.Max(given, CodeTokens) : given,
        (TaskKind.Code, null) => CodeTokens,
        _ => tokens ?? Tokens,
    };
}
