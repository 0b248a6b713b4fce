using System.Text;
using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Tree;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Syntax;

/// <summary>What follows a value: members, subscripts, calls, filters and tests.</summary>
internal sealed partial class ExpressionParser
{
    private static readonly HashSet<string> TestEnds = ["else", "or", "and"];

    private Expression Postfix(Expression value)
    {
        while (tokens.Current.Kind == TokenKind.Operator)
        {
            switch (tokens.Current.Text)
            {
                case ".":
                    value = Member(value);
                    break;
                case "[":
                    value = Subscript(value);
                    break;
                case "(":
                    value = Call(value);
                    break;
                default:
                    return value;
            }
        }

        return value;
    }

    private Expression FilterSuffix(Expression value)
    {
        while (true)
        {
            if (tokens.SkipOperator("|"))
                value = Filter(value);
            else if (tokens.Current.IsName("is"))
                value = Test(value);
            else if (tokens.Current.IsOperator("("))
                value = Call(value);
            else
                return value;
        }
    }

    private Expression Member(Expression owner)
    {
        tokens.Next();
        Token name = tokens.Next();
        return name.Kind switch
        {
            TokenKind.Name => Checked(new AttributeExpression(owner, name.Text, name.Line)),
            TokenKind.Integer => Checked(new ItemExpression(owner, new ConstantExpression(name.Value, name.Line), name.Line)),
            _ => throw TemplateFault.Syntax("expected name or number", name.Line),
        };
    }

    private Expression Subscript(Expression owner)
    {
        int line = tokens.Next().Line;
        var keys = new List<Expression>();
        Expression? slice = null;
        while (!tokens.Current.IsOperator("]"))
        {
            if (keys.Count > 0 || slice is not null)
                tokens.ExpectOperator(",");
            if (slice is not null)
                throw SliceAmongKeys();
            Expression? start = tokens.Current.IsOperator(":") ? null : Parse();
            if (!tokens.SkipOperator(":"))
            {
                keys.Add(start!);
                continue;
            }

            if (keys.Count > 0)
                throw SliceAmongKeys();
            Expression? stop = tokens.Current.IsOperator(":") ? null : SliceBound();
            Expression? step = tokens.SkipOperator(":") ? SliceBound() : null;
            slice = Checked(new SliceExpression(owner, start, stop, step, line));
        }

        tokens.ExpectOperator("]");
        if (slice is not null)
            return slice;
        Expression key = keys.Count == 1 ? keys[0] : Checked(new TupleExpression([.. keys], line));
        return Checked(new ItemExpression(owner, key, line));
    }

    private TemplateFault SliceAmongKeys() => new("SyntaxError", "invalid syntax: a slice cannot stand among other keys", tokens.Current.Line);

    private Expression? SliceBound() => tokens.Current.IsOperator("]") || tokens.Current.IsOperator(",") ? null : Parse();

    private CallExpression Call(Expression callee)
    {
        int line = tokens.Current.Line;
        return (CallExpression)Checked(new CallExpression(callee, Arguments(), line));
    }

    private Expression Filter(Expression? value)
    {
        (string name, int line) = DottedName();
        ArgumentList arguments = tokens.Current.IsOperator("(") ? Arguments() : ArgumentList.None;
        return Checked(new FilterExpression(value, name, arguments, line));
    }

    private Expression Test(Expression value)
    {
        tokens.Next();
        bool negated = tokens.SkipName("not");
        (string name, int line) = DottedName();
        ArgumentList arguments = ArgumentList.None;
        if (tokens.Current.IsOperator("("))
        {
            arguments = Arguments();
        }
        else if (tokens.Current.Kind is TokenKind.Name or TokenKind.String or TokenKind.Integer or TokenKind.Float
            && !(tokens.Current.Kind == TokenKind.Name && TestEnds.Contains(tokens.Current.Text))
            || tokens.Current.IsOperator("[") || tokens.Current.IsOperator("{"))
        {
            if (tokens.Current.IsName("is"))
                throw tokens.Fail("You cannot chain multiple tests with is");
            arguments = new ArgumentList([Postfix(Nested(Primary))], [], null, null);
        }

        Expression test = Checked(new TestExpression(value, name, arguments, line));
        return negated ? Checked(new UnaryExpression(result => !Collections.IsTrue(result), test, line)) : test;
    }

    private (string Name, int Line) DottedName()
    {
        Token first = tokens.Expect(TokenKind.Name);
        var name = new StringBuilder(first.Text);
        while (tokens.SkipOperator("."))
            name.Append('.').Append(tokens.Expect(TokenKind.Name).Text);
        return (name.ToString(), first.Line);
    }

    private ArgumentList Arguments()
    {
        tokens.ExpectOperator("(");
        var positional = new List<Expression>();
        var named = new List<(string Name, Expression Value)>();
        Expression? spread = null;
        Expression? namedSpread = null;
        HashSet<string> names = [];
        bool first = true;
        while (!tokens.Current.IsOperator(")"))
        {
            if (!first)
            {
                tokens.ExpectOperator(",");
                if (tokens.Current.IsOperator(")"))
                    break;
            }

            first = false;
            if (tokens.Current.IsOperator("*"))
            {
                Ensure(spread is null && namedSpread is null);
                tokens.Next();
                spread = Parse();
            }
            else if (tokens.Current.IsOperator("**"))
            {
                Ensure(namedSpread is null);
                tokens.Next();
                namedSpread = Parse();
            }
            else if (tokens.Current.Kind == TokenKind.Name && tokens.Ahead.IsOperator("="))
            {
                Ensure(namedSpread is null);
                string name = tokens.Next().Text;
                tokens.Next();
                if (!names.Add(name))
                    throw tokens.Fail($"keyword argument repeated: {name}");
                named.Add((name, Parse()));
            }
            else
            {
                Ensure(spread is null && namedSpread is null && named.Count == 0);
                positional.Add(Parse());
            }
        }

        tokens.ExpectOperator(")");
        return new ArgumentList([.. positional], [.. named], spread, namedSpread);
    }

    private void Ensure(bool condition)
    {
        if (!condition)
            throw tokens.Fail("invalid syntax for function call expression");
    }
}
