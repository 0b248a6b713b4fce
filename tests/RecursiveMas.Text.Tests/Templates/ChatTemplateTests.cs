using System.Numerics;
using System.Text.Json;
using Xunit;

namespace RecursiveMas.Text.Tests.Templates;

public class ChatTemplateTests
{
    [Theory]
    [InlineData("a\n{{ 1 / 0 }}", 2, ChatTemplateErrorKind.Runtime, "ZeroDivisionError")]
    [InlineData("a\n\n{{ x.y }}", 3, ChatTemplateErrorKind.Runtime, "UndefinedError")]
    [InlineData("{% for a in [1] %}\n{{ a.b.c\n}}{% endfor %}", 2, ChatTemplateErrorKind.Runtime, "UndefinedError")]
    [InlineData("{% macro m() %}\n{{ none + 1 }}{% endmacro %}\n\n{{ m() }}", 2, ChatTemplateErrorKind.Runtime, "TypeError")]
    [InlineData("\n{{ raise_exception('no') }}", 2, ChatTemplateErrorKind.Raised, "TemplateError")]
    [InlineData("\n\n{{ [].append(1) }}", 3, ChatTemplateErrorKind.Security, "SecurityError")]
    [InlineData("\n{{ 'x' * 1000000000 }}", 2, ChatTemplateErrorKind.Limit, "LimitError")]
    [InlineData("\n{% if %}{% endif %}", 2, ChatTemplateErrorKind.Syntax, "TemplateSyntaxError")]
    [InlineData("\n\n\n{{ 'open }}", 4, ChatTemplateErrorKind.Syntax, "TemplateSyntaxError")]
    [InlineData("\n{{ 1 | nosuch }}", 2, ChatTemplateErrorKind.Syntax, "TemplateAssertionError")]
    public void Errors_name_template_line_and_kind(string source, int line, ChatTemplateErrorKind kind, string type)
    {
        var error = Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(source, "my template").Render(new Dictionary<string, object?>()));
        Assert.Equal(line, error.Line);
        Assert.Equal(kind, error.Kind);
        Assert.Equal(type, error.ErrorType);
        Assert.Equal("my template", error.TemplateName);
        Assert.StartsWith($"my template, line {line}: ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith(error.Reason, error.Message, StringComparison.Ordinal);
        Assert.Equal(kind == ChatTemplateErrorKind.Raised ? "no" : null, error.RaisedMessage);
    }

    public static TheoryData<object?, string> Inputs => new()
    {
        { null, "None" },
        { true, "True" },
        { "text", "'text'" },
        { 'c', "'c'" },
        { 1, "1" },
        { (byte)2, "2" },
        { -3L, "-3" },
        { ulong.MaxValue, "18446744073709551615" },
        { BigInteger.Pow(10, 30), "1000000000000000000000000000000" },
        { 1.0, "1.0" },
        { 0.5f, "0.5" },
        { 2.50m, "2.5" },
        { new[] { 1, 2 }, "[1, 2]" },
        { new List<object?> { "a", null }, "['a', None]" },
        { new Dictionary<string, object?> { ["b"] = 1, ["a"] = new[] { "x" } }, "{'b': 1, 'a': ['x']}" },
        { new Dictionary<string, string> { ["k"] = "v" }, "{'k': 'v'}" },
        { new SortedDictionary<string, int> { ["b"] = 1, ["a"] = 2 }, "{'a': 2, 'b': 1}" },
        { new Dictionary<int, string> { [7] = "v" }, "{7: 'v'}" },
        {
            JsonDocument.Parse("""{"a": [1, 1.0, 1e2, "s", null, true, 123456789012345678901]}""").RootElement,
            "{'a': [1, 1.0, 100.0, 's', None, True, 123456789012345678901]}"
        },
    };

    [Theory]
    [MemberData(nameof(Inputs))]
    public void Values_of_many_types_can_be_handed_in(object? value, string shown) =>
        Assert.Equal(shown, ChatTemplate.Parse("{{ '%r' % [x] if false else ('%r' | format(x)) }}").Render(new Dictionary<string, object?> { ["x"] = value }));

    [Fact]
    public void A_value_of_another_type_is_refused_by_name()
    {
        var error = Assert.Throws<InvalidOptionException>(() => ChatTemplate.Parse(
            "").Render(new Dictionary<string, object?> { ["x"] = new Dictionary<string, object?> { ["y"] = new Uri("http://a") } }));
        Assert.Equal("x.y", error.Option);
    }

    [Fact]
    public void A_value_that_contains_itself_is_refused()
    {
        var list = new List<object?>();
        list.Add(list);
        var error = Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse("").Render(new Dictionary<string, object?> { ["x"] = list }));
        Assert.Equal(ChatTemplateErrorKind.Limit, error.Kind);
    }

    [Fact]
    public void A_variable_hides_a_global_of_the_same_name() =>
        Assert.Equal("5", ChatTemplate.Parse("{{ range }}").Render(new Dictionary<string, object?> { ["range"] = 5 }));

    [Fact]
    public void The_clock_is_the_one_that_is_handed_in() =>
        Assert.Equal(
            "02 Jan 2031",
            ChatTemplate.Parse("{{ strftime_now('%d %b %Y') }}").Render(new Dictionary<string, object?>(), new FixedClock(new DateTime(2031, 1, 2))));

    [Fact]
    public void Rendering_is_repeatable_even_where_a_template_asks_for_chance()
    {
        ChatTemplate template = ChatTemplate.Parse("{% for i in range(20) %}{{ range(100) | random }} {% endfor %}");
        string first = template.Render(new Dictionary<string, object?>());
        Assert.Equal(first, template.Render(new Dictionary<string, object?>()));
        Assert.True(first.Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct().Count() > 10);
    }

    [Fact]
    public void Concurrent_renderings_do_not_disturb_each_other()
    {
        ChatTemplate template = ChatTemplate.Parse(
            "{% macro m(n) %}{% if n %}{{ n }}{{ m(n - 1) }}{% endif %}{% endmacro %}{% set ns = namespace(t='') %}{% for x in xs %}{% set ns.t = ns.t ~ x ~ " +
            "loop.index %}{% endfor %}{{ ns.t }}{{ m(k) }}");
        string Expected(int k) => string.Concat(Enumerable.Range(0, 50).Select(i => $"{k * i}{i + 1}")) + string.Concat(Enumerable.Range(1, k).Reverse());
        Parallel.For(0, 400, i =>
        {
            int k = i % 40;
            Assert.Equal(
                Expected(k),
                template.Render(new Dictionary<string, object?> { ["k"] = k, ["xs"] = Enumerable.Range(0, 50).Select(j => k * j).ToList() }));
        });
    }

    [Fact]
    public void A_rendering_inside_a_rendering_has_its_own_limits()
    {
        // The input is enumerated while it is converted, so a lazy one may render another template.
        ChatTemplate inner = ChatTemplate.Parse("{{ 'x' * 10 }}");
        IEnumerable<object?> Lazy()
        {
            yield return inner.Render(new Dictionary<string, object?>());
        }

        Assert.Equal("xxxxxxxxxx", ChatTemplate.Parse("{{ xs[0] }}").Render(new Dictionary<string, object?> { ["xs"] = Lazy() }));
    }

    [Theory]
    // Scoping rules that the golden rows leave out.
    [InlineData("{% set x = 1 %}{% for i in [1, 2] %}{{ x }}{% set x = 9 %}{{ x }}{% endfor %}{{ x }}", "19191")]
    [InlineData("{% macro m() %}{{ g }}{% endmacro %}{% set g = 1 %}{{ m() }}{% set g = 2 %}{{ m() }}", "12")]
    [InlineData("{% for i in [1] %}{% set g = i %}{% macro m() %}{{ g }}{% endmacro %}{{ m() }}{% endfor %}", "1")]
    [InlineData("{% for x in [1, 2, 3] if x != loop %}{{ x }}{% endfor %}", "123")]
    [InlineData("{% set x = 5 %}{% for x in [1] %}{% endfor %}{{ x }}", "5")]
    [InlineData("{% for x in [1] %}{% break %}{% else %}E{% endfor %}", "E")]
    [InlineData("{% for x in [2, 1] %}{% if x == 1 %}{% continue %}{% endif %}{{ x }}{% else %}E{% endfor %}", "2")]
    [InlineData("{% if false %}{% set x = 1 %}{% endif %}[{{ x }}]", "[]")]
    [InlineData("{% set x = 1 %}{% with x = x + 1, y = x %}{{ x }}{{ y }}{% endwith %}{{ x }}", "211")]
    [InlineData("{% for a in [1] %}{% block b scoped %}{{ a }}{% endblock %}{% endfor %}", "1")]
    [InlineData("{% for a in [1] %}{% block b %}{{ a }}{% endblock %}{% endfor %}", "")]
    [InlineData("{% for x in [[1, [2]], [3]] recursive %}{{ x if x is number else loop(x) }}{% endfor %}", "123")]
    [InlineData("{% macro m(a, b=a ~ 'x') %}{{ b }}{% endmacro %}{{ m(1) }}", "1x")]
    [InlineData("{% macro m() %}{{ caller(1, k=2) }}{% endmacro %}{% call(a, k=3) m() %}{{ a }}{{ k }}{% endcall %}", "12")]
    [InlineData("{% set a, b = 'xy' %}{{ b }}{{ a }}", "yx")]
    [InlineData("{{ 1 if false }}{{ (1 if false) is defined }}", "False")]
    public void Scopes_follow_Jinja(string source, string expected) =>
        Assert.Equal(expected, ChatTemplate.Parse(source).Render(new Dictionary<string, object?>()));
}
