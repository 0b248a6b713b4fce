using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Tree;
using RecursiveMas.Templates.Values;

namespace RecursiveMas.Templates.Syntax;

/// <summary>Parses expressions, loosest operator first.</summary>
internal sealed partial class ExpressionParser(TokenStream tokens)
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

    private Expression Nested(Func<Expression> parse)
    {
        if (++_depth > TemplateLimits.ExpressionDepth)
            throw TooDeep();
        Expression expression = parse();
        _depth--;
        return expression;
    }

    private Expression Checked(Expression expression) => expression.Depth > TemplateLimits.ExpressionDepth ? throw TooDeep() : expression;

    private TemplateFault TooDeep() =>
        new(TemplateFault.LimitType, $"the expression is nested more than {TemplateLimits.ExpressionDepth} levels deep.", tokens.Current.Line);
}
