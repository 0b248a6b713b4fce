using RecursiveMas.Templates.Sandbox;
using RecursiveMas.Templates.Tree;

namespace RecursiveMas.Templates.Syntax;

/// <summary>Parses a template into statements.</summary>
internal sealed class StatementParser
{
    private readonly TokenStream _tokens;
    private readonly ExpressionParser _expressions;
    private readonly Dictionary<string, Func<int, Statement>> _tags;
    private readonly Stack<(string Tag, string[] Ends)> _open = new();

    private StatementParser(List<Token> tokens)
    {
        _tokens = new TokenStream(tokens);
        _expressions = new ExpressionParser(_tokens);
        _tags = new Dictionary<string, Func<int, Statement>>
        {
            ["for"] = For,
            ["if"] = If,
            ["set"] = Set,
            ["macro"] = Macro,
            ["call"] = Call,
            ["generation"] = Generation,
            ["filter"] = Filter,
            ["with"] = With,
            ["autoescape"] = AutoEscape,
            ["block"] = Block,
            ["print"] = Print,
            ["break"] = line => new JumpStatement(Flow.Break, line),
            ["continue"] = line => new JumpStatement(Flow.Continue, line),
            ["include"] = Include,
            ["import"] = Import,
            ["from"] = From,
            ["extends"] = line => new LoadTemplateStatement(_expressions.Parse(), [], line),
        };
    }

    public static Statement[] Parse(string source) => new StatementParser(Lexer.Tokenize(source)).Body([]);

    /// <summary>Statements up to one of the end tags, whose name is then the current token; or up to the end of the template.</summary>
    private Statement[] Body(string[] ends)
    {
        var body = new List<Statement>();
        while (true)
        {
            Token token = _tokens.Next();
            switch (token.Kind)
            {
                case TokenKind.Data:
                    body.Add(new TextStatement(token.Text, token.Line));
                    break;
                case TokenKind.VariableBegin:
                    Expression value = _expressions.ParseTuple();
                    _tokens.Expect(TokenKind.VariableEnd);
                    body.Add(new PrintStatement([value], token.Line));
                    break;
                case TokenKind.BlockBegin:
                    if (_tokens.Current.Kind == TokenKind.Name && ends.Contains(_tokens.Current.Text))
                        return [.. body];
                    body.Add(Tag());
                    _tokens.Expect(TokenKind.BlockEnd);
                    break;
                default:
                    if (_open.Count > 0)
                        throw TemplateFault.Syntax($"Unexpected end of template. {Wanted()}", token.Line);
                    return [.. body];
            }
        }
    }

    /// <summary>The body of a tag, after the tag's own expressions.</summary>
    private Statement[] TagBody(string tag, params string[] ends)
    {
        _tokens.SkipOperator(":");
        _tokens.Expect(TokenKind.BlockEnd);
        if (_open.Count >= TemplateLimits.StatementDepth)
            throw new TemplateFault(
                TemplateFault.LimitType,
                $"statements are nested more than {TemplateLimits.StatementDepth} levels deep.",
                _tokens.Current.Line);
        StackGuard.Check();
        _open.Push((tag, ends));
        Statement[] body = Body(ends);
        _open.Pop();
        return body;
    }

    /// <summary>The body of a tag with a single end tag, which is consumed.</summary>
    private Statement[] ClosedBody(string tag, string end)
    {
        Statement[] body = TagBody(tag, end);
        _tokens.Next();
        return body;
    }

    private Statement Tag()
    {
        Token tag = _tokens.Current;
        if (tag.Kind != TokenKind.Name)
            throw TemplateFault.Syntax("tag name expected", tag.Line);
        if (!_tags.TryGetValue(tag.Text, out Func<int, Statement>? parse))
            throw TemplateFault.Syntax($"Encountered unknown tag '{tag.Text}'.{(_open.Count > 0 ? " " + Wanted() : "")}", tag.Line);
        _tokens.Next();
        return parse(tag.Line);
    }

    private string Wanted() =>
        $"Jinja was looking for the following tags: {string.Join(" or ", _open.Peek().Ends.Select(e => $"'{e}'"))}. " +
        $"The innermost block that needs to be closed is '{_open.Peek().Tag}'.";

    private ForStatement For(int line)
    {
        Expression target = _expressions.ParseTarget();
        _tokens.ExpectName("in");
        Expression source = _expressions.ParseTuple(conditional: false);
        Expression? test = _tokens.SkipName("if") ? _expressions.Parse() : null;
        bool recursive = _tokens.SkipName("recursive");
        Statement[] body = TagBody("for", "endfor", "else");
        Statement[] otherwise = _tokens.Next().Text == "else" ? ClosedBody("for", "endfor") : [];
        return new ForStatement(target, source, test, recursive, body, otherwise, line);
    }

    private IfStatement If(int line)
    {
        var branches = new List<(Expression, Statement[], int)>();
        int at = line;
        while (true)
        {
            Expression test = _expressions.ParseTuple(conditional: false);
            branches.Add((test, TagBody("if", "elif", "else", "endif"), at));
            Token next = _tokens.Next();
            at = next.Line;
            if (next.Text == "elif")
                continue;
            return new IfStatement([.. branches], next.Text == "else" ? ClosedBody("if", "endif") : [], line);
        }
    }

    private Statement Set(int line)
    {
        Expression target = _expressions.ParseTarget(namespaces: true);
        if (_tokens.SkipOperator("="))
            return new AssignStatement(target, _expressions.ParseTuple(), line);
        FilterExpression? filter = _tokens.Current.IsOperator("|") ? _expressions.ParseFilterChain(inline: false) : null;
        return new CaptureStatement(target, filter, ClosedBody("set", "endset"), line);
    }

    private MacroStatement Macro(int line)
    {
        NameExpression name = _expressions.ParseTargetName(NameUse.Store);
        (NameExpression[] parameters, Expression[] defaults) = Parameters();
        return new MacroStatement(name, new MacroBody(parameters, defaults, ClosedBody("macro", "endmacro")), line);
    }

    private CallStatement Call(int line)
    {
        (NameExpression[] parameters, Expression[] defaults) = _tokens.Current.IsOperator("(") ? Parameters() : ([], []);
        if (_expressions.Parse() is not CallExpression call)
            throw TemplateFault.Syntax("expected call", line);
        return new CallStatement(call, new MacroBody(parameters, defaults, ClosedBody("call", "endcall")), line);
    }

    private CallStatement Generation(int line) => new(null, new MacroBody([], [], ClosedBody("generation", "endgeneration")), line);

    private (NameExpression[] Parameters, Expression[] Defaults) Parameters()
    {
        var parameters = new List<NameExpression>();
        var defaults = new List<Expression>();
        HashSet<string> names = [];
        _tokens.ExpectOperator("(");
        while (!_tokens.Current.IsOperator(")"))
        {
            if (parameters.Count > 0)
                _tokens.ExpectOperator(",");
            NameExpression name = _expressions.ParseTargetName(NameUse.Parameter);
            if (!names.Add(name.Name))
                throw _tokens.Fail($"duplicate argument '{name.Name}' in function definition");
            if (_tokens.SkipOperator("="))
                defaults.Add(_expressions.Parse());
            else if (defaults.Count > 0)
                throw _tokens.Fail("non-default argument follows default argument");
            parameters.Add(name);
        }

        _tokens.ExpectOperator(")");
        return ([.. parameters], [.. defaults]);
    }

    private FilterStatement Filter(int line) => new(_expressions.ParseFilterChain(inline: true), ClosedBody("filter", "endfilter"), line);

    private WithStatement With(int line)
    {
        var targets = new List<Expression>();
        var values = new List<Expression>();
        while (_tokens.Current.Kind != TokenKind.BlockEnd)
        {
            if (targets.Count > 0)
                _tokens.ExpectOperator(",");
            Expression target = _expressions.ParseTarget();
            foreach (NameExpression name in Targets.Names(target))
                name.Use = NameUse.Parameter;
            targets.Add(target);
            _tokens.ExpectOperator("=");
            values.Add(_expressions.Parse());
        }

        return new WithStatement([.. targets], [.. values], ClosedBody("with", "endwith"), line);
    }

    private WithStatement AutoEscape(int line)
    {
        Expression option = _expressions.Parse();
        Statement inside = new EscapeStatement(option, ClosedBody("autoescape", "endautoescape"), line);
        return new WithStatement([], [], [inside], line);
    }

    private BlockStatement Block(int line)
    {
        string name = _tokens.Expect(TokenKind.Name).Text;
        bool scoped = _tokens.SkipName("scoped");
        bool required = _tokens.SkipName("required");
        if (_tokens.Current.IsOperator("-"))
            throw _tokens.Fail("Block names in Jinja have to be valid Python identifiers and may not contain hyphens, use an underscore instead.");
        Statement[] body = ClosedBody("block", "endblock");
        if (required && !body.All(s => s is TextStatement))
            throw _tokens.Fail("Required blocks can only contain comments or whitespace");
        _tokens.SkipName(name);
        return new BlockStatement(name, scoped, required, body, line);
    }

    private PrintStatement Print(int line)
    {
        var values = new List<Expression>();
        while (_tokens.Current.Kind != TokenKind.BlockEnd)
        {
            if (values.Count > 0)
                _tokens.ExpectOperator(",");
            values.Add(_expressions.Parse());
        }

        return new PrintStatement([.. values], line);
    }

    private LoadTemplateStatement Include(int line)
    {
        Expression source = _expressions.Parse();
        if (_tokens.Current.IsName("ignore") && _tokens.Ahead.IsName("missing"))
        {
            _tokens.Next();
            _tokens.Next();
        }

        ContextSuffix();
        return new LoadTemplateStatement(source, [], line);
    }

    private LoadTemplateStatement Import(int line)
    {
        Expression source = _expressions.Parse();
        _tokens.ExpectName("as");
        NameExpression name = _expressions.ParseTargetName(NameUse.Store);
        ContextSuffix();
        return new LoadTemplateStatement(source, [name], line);
    }

    private LoadTemplateStatement From(int line)
    {
        Expression source = _expressions.Parse();
        _tokens.ExpectName("import");
        var names = new List<NameExpression>();
        while (!ContextSuffix() && _tokens.Current.Kind == TokenKind.Name)
        {
            NameExpression name = _expressions.ParseTargetName(NameUse.Store);
            if (name.Name.StartsWith('_'))
                throw TemplateFault.Syntax("names starting with an underline can not be imported", name.Line);
            if (_tokens.SkipName("as"))
                name = _expressions.ParseTargetName(NameUse.Store);
            names.Add(name);
            if (ContextSuffix() || !_tokens.SkipOperator(","))
                break;
        }

        if (names.Count == 0)
            _tokens.Expect(TokenKind.Name);
        return new LoadTemplateStatement(source, [.. names], line);
    }

    private bool ContextSuffix()
    {
        bool found = (_tokens.Current.IsName("with") || _tokens.Current.IsName("without")) && _tokens.Ahead.IsName("context");
        if (found)
        {
            _tokens.Next();
            _tokens.Next();
        }

        return found;
    }
}
