using System.Text;
using RecursiveMas.Templates.Runtime;
using RecursiveMas.Templates.Tree;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Syntax;

/// <summary>Parses expressions, loosest operator first.</summary>
internal sealed class ExpressionParser(TokenStream tokens)
{
    private static readonly HashSet<string> Comparisons = ["==", "!=", "<", "<=", ">", ">="];

    private static readonly Dictionary<string, Func<object?, object?, object?>> Sums = new() { ["+"] = Operators.Add, ["-"] = Operators.Subtract };

    private static readonly Dictionary<string, Func<object?, object?, object?>> Products = new()
    {
        ["*"] = Operators.Multiply,
        ["/"] = Operators.Divide,
        ["//"] = Operators.FloorDivide,
        ["%"] = Operators.Modulo,
    };

    private static readonly Dictionary<string, Func<object?, object?, object?>> Powers = new() { ["**"] = Operators.Power };

    private static readonly Dictionary<string, object?> Constants = new()
    {
        ["true"] = true, ["True"] = true, ["false"] = false, ["False"] = false, ["none"] = null, ["None"] = null,
    };

    private static readonly HashSet<string> TestEnds = ["else", "or", "and"];

    private int _depth;

    /// <param name="conditional">Whether "a if b else c" may stand here without parentheses.</param>
    public Expression Parse(bool conditional = true)
    {
        if (++_depth > TemplateLimits.ExpressionDepth)
            throw TooDeep();
        StackGuard.Check();
        Expression expression = conditional ? Conditional() : Or();
        _depth--;
        return expression;
    }

    /// <summary>Expressions with commas between them make a tuple; a single one stands for itself.</summary>
    public Expression ParseTuple(bool conditional = true, bool parenthesized = false) => Tuple(() => Parse(conditional), parenthesized);

    /// <summary>What stands left of "=" or after "for": names, tuples of them and, where allowed, attributes of namespaces.</summary>
    public Expression ParseTarget(bool namespaces = false)
    {
        return Stored(Tuple(() => TargetItem(namespaces), parenthesized: false));
    }

    public NameExpression ParseTargetName(NameUse use)
    {
        Token name = tokens.Expect(TokenKind.Name);
        if (Constants.ContainsKey(name.Text))
            throw TemplateFault.Syntax("can't assign to 'const'", name.Line);
        return new NameExpression(name.Text, use, name.Line);
    }

    /// <param name="inline">The filter's name stands here without a pipe before it.</param>
    public FilterExpression ParseFilterChain(bool inline)
    {
        Expression? chain = null;
        while (inline || tokens.Current.IsOperator("|"))
        {
            if (!inline)
                tokens.Next();
            inline = false;
            chain = Filter(chain);
        }

        return (FilterExpression)chain!;
    }

    private Expression Tuple(Func<Expression> item, bool parenthesized)
    {
        int line = tokens.Current.Line;
        var items = new List<Expression>();
        bool isTuple = false;
        while (true)
        {
            if (items.Count > 0)
                tokens.ExpectOperator(",");
            if (tokens.Current.Kind is TokenKind.VariableEnd or TokenKind.BlockEnd || tokens.Current.IsOperator(")"))
                break;
            items.Add(item());
            if (!tokens.Current.IsOperator(","))
                break;
            isTuple = true;
        }

        if (!isTuple)
        {
            if (items.Count > 0)
                return items[0];
            if (!parenthesized)
                throw tokens.Fail($"Expected an expression, got '{tokens.Current.Describe()}'");
        }

        return Checked(new TupleExpression([.. items], line));
    }

    private Expression TargetItem(bool namespaces)
    {
        if (++_depth > TemplateLimits.ExpressionDepth)
            throw TooDeep();
        Expression item;
        if (namespaces && tokens.Current.Kind == TokenKind.Name && tokens.Ahead.IsOperator(".") && !Constants.ContainsKey(tokens.Current.Text))
        {
            Token name = tokens.Next();
            tokens.Next();
            item = new NamespaceTarget(name.Text, tokens.Expect(TokenKind.Name).Text, name.Line);
        }
        else
        {
            item = Primary();
        }

        _depth--;
        return item;
    }

    private static Expression Stored(Expression target)
    {
        switch (target)
        {
            case NameExpression name:
                name.Use = NameUse.Store;
                return name;
            case NamespaceTarget:
                return target;
            case TupleExpression tuple:
                foreach (Expression item in tuple.Items)
                    Stored(item);
                return tuple;
            default:
                throw TemplateFault.Syntax($"can't assign to '{(target is ConstantExpression ? "const" : "expression")}'", target.Line);
        }
    }

    private Expression Conditional()
    {
        Expression value = Or();
        while (tokens.Current.IsName("if"))
        {
            int line = tokens.Next().Line;
            Expression test = Or();
            Expression? otherwise = tokens.SkipName("else") ? Nested(Conditional) : null;
            value = Checked(new ConditionalExpression(test, value, otherwise, line));
        }

        return value;
    }

    private Expression Or()
    {
        Expression left = And();
        while (tokens.Current.IsName("or"))
        {
            int line = tokens.Next().Line;
            left = Checked(new OrExpression(left, And(), line));
        }

        return left;
    }

    private Expression And()
    {
        Expression left = Not();
        while (tokens.Current.IsName("and"))
        {
            int line = tokens.Next().Line;
            left = Checked(new AndExpression(left, Not(), line));
        }

        return left;
    }

    private Expression Not()
    {
        if (!tokens.Current.IsName("not"))
            return Compare();
        int line = tokens.Next().Line;
        return Checked(new UnaryExpression(value => !Collections.IsTrue(value), Nested(Not), line));
    }

    private Expression Compare()
    {
        Expression first = Sum();
        int line = tokens.Current.Line;
        var rest = new List<(string, Expression)>();
        while (true)
        {
            if (tokens.Current.Kind == TokenKind.Operator && Comparisons.Contains(tokens.Current.Text))
            {
                string symbol = tokens.Next().Text;
                rest.Add((symbol, Sum()));
            }
            else if (tokens.SkipName("in"))
            {
                rest.Add(("in", Sum()));
            }
            else if (tokens.Current.IsName("not") && tokens.Ahead.IsName("in"))
            {
                tokens.Next();
                tokens.Next();
                rest.Add(("not in", Sum()));
            }
            else
            {
                return rest.Count == 0 ? first : Checked(new CompareExpression(first, [.. rest], line));
            }
        }
    }

    private Expression Sum() => LeftToRight(Concat, Sums);

    private Expression Concat()
    {
        int line = tokens.Current.Line;
        Expression first = Product();
        if (!tokens.Current.IsOperator("~"))
            return first;
        var parts = new List<Expression> { first };
        while (tokens.SkipOperator("~"))
            parts.Add(Product());
        return Checked(new ConcatExpression([.. parts], line));
    }

    private Expression Product() => LeftToRight(Power, Products);

    private Expression Power() => LeftToRight(() => Unary(), Powers);

    private Expression LeftToRight(Func<Expression> operand, Dictionary<string, Func<object?, object?, object?>> operators)
    {
        Expression left = operand();
        while (tokens.Current.Kind == TokenKind.Operator && operators.TryGetValue(tokens.Current.Text, out Func<object?, object?, object?>? operation))
        {
            int line = tokens.Next().Line;
            left = Checked(new BinaryExpression(operation, left, operand(), line));
        }

        return left;
    }

    private Expression Unary(bool filters = true)
    {
        int line = tokens.Current.Line;
        Expression value;
        if (tokens.SkipOperator("-"))
            value = Checked(new UnaryExpression(Operators.Negate, Nested(() => Unary(filters: false)), line));
        else if (tokens.SkipOperator("+"))
            value = Checked(new UnaryExpression(Operators.Plus, Nested(() => Unary(filters: false)), line));
        else
            value = Primary();
        value = Postfix(value);
        return filters ? FilterSuffix(value) : value;
    }

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

    private Expression Nested(Func<Expression> parse)
    {
        if (++_depth > TemplateLimits.ExpressionDepth)
            throw TooDeep();
        Expression expression = parse();
        _depth--;
        return expression;
    }

    private Expression Checked(Expression expression) => expression.Depth > TemplateLimits.ExpressionDepth ? throw TooDeep() : expression;

    private TemplateFault TooDeep() => new(TemplateFault.LimitType, $"the expression is nested more than {TemplateLimits.ExpressionDepth} levels deep.", tokens.Current.Line);
}
