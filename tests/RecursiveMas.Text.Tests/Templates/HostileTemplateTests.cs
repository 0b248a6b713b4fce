using Xunit;

namespace RecursiveMas.Text.Tests.Templates;

/// <summary>Templates that try to stall or fill the process end with a typed error and little memory.</summary>
public class HostileTemplateTests
{
    // Everything that one rendering allocates over its whole run, garbage included.
    private const long AllocatedBytes = 256L << 20;

    public static TheoryData<string> WhileRendering =>
    [
        "{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}",
        "{% for a in range(100000) %}{% for b in range(100000) %}{% set x = b %}{% endfor %}{% endfor %}",
        "{% for a in range(100000) %}{{ range(100000) | list | length }}{% endfor %}",
        "{% for a in range(100000) %}{% if range(100000) | sum == 1 %}{% endif %}{% endfor %}",
        "{% for a in range(100000) %}{{ 'some text' * 1000 }}{% endfor %}",
        "{{ 'x' * 1000000000 }}",
        "{{ [0] * 1000000000 }}",
        "{{ 'xyz' * 99999999999999999999 }}",
        "{% set ns = namespace(s='x') %}{% for i in range(100) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
        "{% set ns = namespace(s='x') %}{% for i in range(100) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
        "{% set ns = namespace(s='x') %}{% for i in range(100) %}{% set ns.s = ns.s.replace('x', 'xx') %}{% endfor %}",
        "{% set ns = namespace(s='x') %}{% for i in range(100) %}{% set ns.s = ns.s | replace('', 'y') %}{% endfor %}",
        "{% set ns = namespace(s='ab') %}{% for i in range(100) %}{% set ns.s = ns.s.join([ns.s, ns.s]) %}{% endfor %}",
        "{% set ns = namespace(s='ab') %}{% for i in range(100) %}{% set ns.s = [ns.s, ns.s] | join(ns.s) %}{% endfor %}",
        "{% set ns = namespace(s='{0}{0}') %}{% for i in range(100) %}{% set ns.s = ns.s.format(ns.s) %}{% endfor %}",
        "{% set ns = namespace(s='%s') %}{% for i in range(100) %}{% set ns.s = (ns.s ~ ns.s) %}{% endfor %}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | tojson }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | pprint }}",
        "{% set ns = namespace(x=(1,)) %}{% for i in range(60) %}{% set ns.x = (ns.x, ns.x) %}{% endfor %}{{ {ns.x: 1} }}",
        "{% set ns = namespace(x=[1], y=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, " +
        "ns.y] %}{% endfor %}{{ ns.x == ns.y }}",
        "{% set ns = namespace(x=[1], y=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, ns.y] %}{% endfor %}{{ [ns.x, " +
        "ns.y] | sort }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(100000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(100000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x | tojson }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(100000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x | pprint }}",
        "{% set ns = namespace(x=1) %}{% for i in range(100000) %}{% set ns.x = (ns.x,) %}{% endfor %}{{ {ns.x: 1} }}",
        "{% set ns = namespace(x=1, y=1) %}{% for i in range(100000) %}{% set ns.x = (ns.x,) %}{% set ns.y = (ns.y,) %}{% endfor %}{{ ns.x == ns.y }}",
        "{% set ns = namespace(x=1, y=1) %}{% for i in range(100000) %}{% set ns.x = {1: ns.x} %}{% set ns.y = {1: ns.y} %}{% endfor %}{{ ns.x in [ns.y] }}",
        "{% set ns = namespace(x=[]) %}{% for i in range(100000) %}{% set ns.x = ns.x + [i] %}{% endfor %}",
        "{% set ns = namespace(x=2) %}{% for i in range(100) %}{% set ns.x = ns.x * ns.x %}{% endfor %}",
        "{{ 9 ** 9 ** 9 ** 9 ** 9 }}",
        "{{ 2 ** 100000000 }}",
        "{{ 10 ** 4900 }}",
        "{% for i in range(100000) %}{% if 10 ** 4000 // 7 == 1 %}{% endif %}{% endfor %}",
        "{% for i in range(100000) %}{% if (10 ** 4000) | string == '' %}{% endif %}{% endfor %}",
        "{% set s = '9' * 4000 %}{% for i in range(100000) %}{% if s | int == 1 %}{% endif %}{% endfor %}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '%.1000000000f' % 1.5 }}",
        "{{ '%*d' % (1000000000, 1) }}",
        "{% for i in range(100000) %}{% if '%.4000f' % 1.5 == '' %}{% endif %}{% endfor %}",
        "{{ '{:1000000000}'.format(1) }}",
        "{{ '{:.100000000f}'.format(1.5) }}",
        "{{ '{:0999999999,}'.format(1) }}",
        "{{ 'x' | center(1000000000) }}",
        "{{ 'x'.ljust(1000000000000) }}",
        "{{ 'x'.zfill(1000000000) }}",
        "{{ ('\t' * 1000).expandtabs(1000000000) }}",
        "{{ ('a\n' * 1000) | indent(1000000) }}",
        "{{ [1, [2]] | tojson(indent=1000000000) }}",
        "{{ [1] | batch(1000000000, 'x') | list }}",
        "{{ [1] | slice(1000000000) | list }}",
        "{{ ('-' * 100000) | wordwrap(10) }}",
        "{{ range(100000) | map('string') | map('center', 100000) | join }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
        "{% macro m(n) %}{{ m(n) }}{{ m(n) }}{% endmacro %}{{ m(1) }}",
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(100) }}",
        "{% macro m() %}{{ caller() }}{% endmacro %}{% macro r() %}{% call m() %}{{ r() }}{% endcall %}{% endmacro %}{{ r() }}",
        "{% block b %}{{ self.b() }}{% endblock %}",
        "{% set xs = [1, 2] %}{% for x in xs recursive %}{{ loop(xs) }}{% endfor %}",
        "{% set s = 'a' * 5000000 %}{% for i in range(100000) %}{% if s == 'b' ~ i or 'b' in s %}{% endif %}{% endfor %}",
        "{% set s = 'a' * 4000000 %}{% set t = 'a' * 4000000 %}{% for i in range(100000) %}{% if s == t and s < t %}{% endif %}{% endfor %}",
        "{% set s = '\U0001F600' * 1000000 %}{% for i in range(100000) %}{% if s[900000] == 'b' %}{% endif %}{% endfor %}",
        "{% set s = 'a ' * 1000000 %}{% for i in range(100000) %}{% if s.split() | length == 1 or s.upper() == '' %}{% endif %}{% endfor %}",
        "{% set ns = namespace(d=[]) %}{% for i in range(30000) %}{% set ns.d = ns.d + [(i * 4294967297, i)] %}{% endfor %}{{ dict(ns.d) | length }}",
        "{{ range(100000) | map('string') | list | sort | unique | groupby(0) | list }}{{ range(100000) | batch(1) | map('list') | map('tojson') | " +
        "map('length') | sum }}{% for i in range(100000) %}{{ i }}{% endfor %}",
        "{% for i in range(100000) %}{{ cycler(*range(100000)).next() }}{% endfor %}",
        "{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{% for i in range(100000) %}{{ m(*range(1000)) }}{% endfor %}",
        "{% for i in range(100000) %}{% for j in range(1000) if false %}{% endfor %}{% endfor %}",
        "{% set ns = namespace(x=range(3)) %}{% for i in range(100000) %}{% set ns.x = ns.x | map('string') %}{% endfor %}{{ ns.x | list }}",
        "{{ ('x' * 100000) | list | map('upper') | map('lower') | map('title') | map('trim') | map('string') | join | wordcount }}{% for i in range(90000) " +
        "%}{{ 'y' | urlencode }}{{ 'y' | striptags }}{% endfor %}{% for a in range(999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
    ];

    public static TheoryData<string> NestedValues => new(
        WhileRendering.Select(row => row.Data).Where(source => source.StartsWith("{% set ns = namespace(x=", StringComparison.Ordinal)));

    public static TheoryData<string> WhileParsing => new(
    [
        Deep("{{ ", "(", "1", ")", " }}"),
        Deep("{{ ", "[", "1", "]", " }}"),
        Deep("{{ ", "{1:", "1", "}", " }}"),
        Deep("{{ ", "f(", "1", ")", " }}"),
        Deep("{{ ", "a[", "1", "]", " }}"),
        Deep("{{ ", "-", "1", "", " }}"),
        Deep("{{ ", "not ", "1", "", " }}"),
        Deep("{{ 1", " + 1", "", "", " }}"),
        Deep("{{ a", ".b", "", "", " }}"),
        Deep("{{ a", "[0]", "", "", " }}"),
        Deep("{{ a", "()", "", "", " }}"),
        Deep("{{ a", " | e", "", "", " }}"),
        Deep("{{ a", " is odd", "", "", " }}"),
        Deep("{{ a", " if b", "", "", " }}"),
        Deep("{{ a", " if b else c", "", "", " }}"),
        Deep("{{ a", " and b", "", "", " }}"),
        Deep("{{ a", " ** b", "", "", " }}"),
        Deep("{% for ", "(", "a", ")", " in b %}{% endfor %}"),
        Deep("", "{% if 1 %}", "", "{% endif %}", ""),
        Deep("", "{% for a in b %}", "", "{% endfor %}", ""),
        Deep("", "{% macro a() %}", "", "{% endmacro %}", ""),
        Deep("", "{% filter upper %}", "", "{% endfilter %}", ""),
        Deep("", "{% set a %}", "", "{% endset %}", ""),
        Deep("{% filter ", "upper|", "upper", "", " %}{% endfilter %}"),
        Deep("{{", " ", "", "", ""),
        "{% if 0 %}" + string.Concat(Enumerable.Range(0, 10_000).Select(i => $"{{% elif a{i} %}}{{% set b{i} = 1 %}}")) + "{% endif %}",
        "{{ '" + new string('9', 300_000) + "' }}",
        "{{ " + new string('9', 5000) + " }}",
        "{{ 0x" + new string('f', 5000) + " }}",
        "{{ f(" + string.Concat(Enumerable.Range(0, 20_000).Select(i => $"a{i}=1,")) + "a1=2) }}",
        "{% macro m(" + string.Concat(Enumerable.Range(0, 20_000).Select(i => $"a{i},")) + "a1) %}{% endmacro %}",
    ]);

    [Theory]
    [MemberData(nameof(WhileRendering))]
    public void Rendering_ends_with_a_typed_error(string source)
    {
        ChatTemplate template = ChatTemplate.Parse(source);
        Bounded(() => Assert.ThrowsAny<ChatTemplateException>(() => template.Render(new Dictionary<string, object?>())));
    }

    [Theory]
    [MemberData(nameof(WhileParsing))]
    public void Parsing_ends_with_a_typed_error(string source) => Bounded(() => Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(source)));

    [Theory]
    [MemberData(nameof(WhileRendering))]
    public void A_small_stack_is_enough_to_fail_on(string source) => FailsOn(384 << 10, source);

    [Theory]
    [MemberData(nameof(NestedValues))]
    public void A_large_stack_changes_nothing(string source) => FailsOn(512 << 20, source);

    private static void FailsOn(int stack, string source)
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(() => ChatTemplate.Parse(source).Render(new Dictionary<string, object?>())), stack);
        thread.Start();
        thread.Join();
        Assert.IsType<ChatTemplateException>(failure);
    }

    [Fact]
    public void Long_but_flat_templates_are_fine()
    {
        Assert.Equal(50_000, ChatTemplate.Parse(string.Concat(Enumerable.Repeat("{{1}}", 50_000))).Render(new Dictionary<string, object?>()).Length);
        Assert.Equal(
            "ab",
            ChatTemplate.Parse("{{ 'a' " + string.Concat(Enumerable.Repeat("'' ", 50_000)) + "'b' }}").Render(new Dictionary<string, object?>()));
        Assert.Equal(
            5000,
            ChatTemplate.Parse("{{ " + string.Join(" ~ ", Enumerable.Repeat("1", 5000)) + " }}").Render(new Dictionary<string, object?>()).Length);
    }

    [Fact]
    public void Limits_grow_with_the_conversation()
    {
        string content = new('x', 200_000);
        object[] messages =
        [
            .. Enumerable.Range(0, 40).Select(i => new Dictionary<string, object?> { ["role"] = i % 2 == 0 ? "user" : "assistant", ["content"] = content }),
        ];
        string text = ChatTemplate.Parse("{% for m in messages %}{{ m.role + ': ' + (m.content | trim).split('</think>')[-1] }}{% endfor %}")
            .Render(new Dictionary<string, object?> { ["messages"] = messages });
        Assert.True(text.Length > 40 * content.Length);
    }

    private static string Deep(string before, string open, string middle, string close, string after)
    {
        int count = Math.Min(50_000, 200_000 / Math.Max(open.Length + close.Length, 1));
        return before + string.Concat(Enumerable.Repeat(open, count)) + middle + string.Concat(Enumerable.Repeat(close, count)) + after;
    }

    private static void Bounded(Action action)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < AllocatedBytes, $"{allocated:N0} bytes were allocated.");
    }
}
