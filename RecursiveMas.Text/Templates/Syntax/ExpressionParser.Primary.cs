using System.Text;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Tree;

namespace RecursiveMas.Templates.Syntax;

/// <summary>Names, literals and what stands in brackets.</summary>
internal sealed partial class ExpressionParser
{
    private Expression Primary()
    {
        Token token = tokens.Current;
        switch (token.Kind)
        {
            case TokenKind.Name:
                tokens.Next();
                return Constants.TryGetValue(token.Text, out object? constant)
                    ? new ConstantExpression(constant, token.Line)
                    : new NameExpression(token.Text, NameUse.Load, token.Line);
            case TokenKind.String:
                return new ConstantExpression(Strings(), token.Line);
            case TokenKind.Integer or TokenKind.Float:
                tokens.Next();
                return new ConstantExpression(token.Value, token.Line);
            case TokenKind.Operator when token.Text == "(":
                tokens.Next();
                Expression inner = ParseTuple(parenthesized: true);
                tokens.ExpectOperator(")");
                return inner;
            case TokenKind.Operator when token.Text == "[":
                return List();
            case TokenKind.Operator when token.Text == "{":
                return Dict();
            default:
                throw TemplateFault.Syntax($"unexpected '{token.Describe()}'", token.Line);
        }
    }

    /// <summary>Literals side by side are one.</summary>
    private string Strings()
    {
        string first = tokens.Next().Text;
        if (tokens.Current.Kind != TokenKind.String)
            return first;
        var text = new StringBuilder(first);
        while (tokens.Current.Kind == TokenKind.String)
            text.Append(tokens.Next().Text);
        return text.ToString();
    }

    private Expression List()
    {
        int line = tokens.Next().Line;
        var items = new List<Expression>();
        while (!tokens.Current.IsOperator("]"))
        {
            if (items.Count > 0)
                tokens.ExpectOperator(",");
            if (tokens.Current.IsOperator("]"))
                break;
            items.Add(Parse());
        }

        tokens.ExpectOperator("]");
        return Checked(new ListExpression([.. items], line));
    }

    private Expression Dict()
    {
        int line = tokens.Next().Line;
        var items = new List<(Expression, Expression)>();
        while (!tokens.Current.IsOperator("}"))
        {
            if (items.Count > 0)
                tokens.ExpectOperator(",");
            if (tokens.Current.IsOperator("}"))
                break;
            Expression key = Parse();
            tokens.ExpectOperator(":");
            items.Add((key, Parse()));
        }

        tokens.ExpectOperator("}");
        return Checked(new DictExpression([.. items], line));
    }
}
