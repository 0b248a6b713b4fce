using RecursiveMas.Templates.Sandbox;

namespace RecursiveMas.Templates.Syntax;

/// <summary>Tokens with one look ahead.</summary>
internal sealed class TokenStream(List<Token> tokens)
{
    private int _position;

    public Token Current => tokens[_position];

    public Token Ahead => tokens[Math.Min(_position + 1, tokens.Count - 1)];

    public Token Next()
    {
        Token token = Current;
        if (token.Kind != TokenKind.End)
            _position++;
        return token;
    }

    public bool SkipOperator(string text)
    {
        bool found = Current.IsOperator(text);
        if (found)
            Next();
        return found;
    }

    public bool SkipName(string text)
    {
        bool found = Current.IsName(text);
        if (found)
            Next();
        return found;
    }

    public Token Expect(TokenKind kind) => Current.Kind == kind
        ? Next()
        : throw Unexpected(kind switch
        {
            TokenKind.Name => "name",
            TokenKind.BlockEnd => "end of statement block",
            TokenKind.VariableEnd => "end of print statement",
            _ => kind.ToString(),
        });

    public void ExpectOperator(string text)
    {
        if (!SkipOperator(text))
            throw Unexpected(text);
    }

    public void ExpectName(string text)
    {
        if (!SkipName(text))
            throw Unexpected(text);
    }

    public TemplateFault Fail(string message) => TemplateFault.Syntax(message, Current.Line);

    private TemplateFault Unexpected(string expected) => Fail(Current.Kind == TokenKind.End
        ? $"unexpected end of template, expected '{expected}'."
        : $"expected token '{expected}', got '{Current.Describe()}'");
}
