using System.Text;
using RecursiveMas.Scoring.Strict;
using Xunit;

namespace RecursiveMas.Evaluation.Tests.Scoring;

/// <summary>Equality of mathematics: exact, bounded, the same from both sides.</summary>
public class EqualityTests
{
    [Theory]
    [InlineData("\\frac{\\sqrt{5}+1}{2}", "\\frac{1+\\sqrt5}{2}")]
    [InlineData("\\frac{1}{1+\\sqrt{2}}", "\\sqrt{2}-1")]
    [InlineData("\\sqrt{50}", "5\\sqrt{2}")]
    [InlineData("\\sqrt{-4}", "2i")]
    [InlineData("(1+i)^2", "2i")]
    [InlineData("\\frac{x^2-1}{x-1}", "x+1")]
    [InlineData("(a+b)^3", "a^3+3a^2b+3ab^2+b^3")]
    [InlineData("\\sqrt[3]{-8}", "-2")]
    [InlineData("2^{-3}", "0.125")]
    [InlineData("e^{x}", "\\exp(x)")]
    [InlineData("\\sin^2 x", "(\\sin x)^2")]
    [InlineData("x \\le 3", "3 \\ge x")]
    [InlineData("1 < x < 4", "4>x>1")]
    [InlineData("x \\in [0,1)", "[0,1)")]
    [InlineData("|-7|", "7")]
    [InlineData("5!", "120")]
    [InlineData("0.\\overline{142857}", "1/7")]
    [InlineData("1.2\\overline{3}", "\\frac{37}{30}")]
    [InlineData("-2\\frac{1}{2}", "-2.5")]
    [InlineData("2, 5, \\text{ and } 7", "2,5,7")]
    [InlineData("\\emptyset", "\\{\\}")]
    [InlineData("3 \\pm \\sqrt{2}", "3\\pm\\sqrt2")]
    [InlineData("5\\text{ degrees}", "5^\\circ")]
    [InlineData("10\\text{ m}/\\text{s}", "10\\text{ m/s}")]
    [InlineData("5\\text{ meters}", "5\\text{ m}")]
    [InlineData("x_1 + x_{2}", "x_2+x_{1}")]
    [InlineData("\\{(1,2),(3,4)\\}", "\\{(3,4),(1,2)\\}")]
    [InlineData("٣", "٣")]
    [InlineData("1\\times 10^{-3}", "0.001")]
    [InlineData("\\text{no solution}", "No Solution")]
    [InlineData("5\\text{ million}", "5,000,000")]
    [InlineData("\\$2.5\\text{ thousand}", "2500")]
    [InlineData("25\\text{ cm}^2", "25\\text{ square centimeters}")]
    [InlineData("25\\text{ cm}^3", "25\\text{ cm cubed}")]
    [InlineData("5\\text{ per cent}", "5\\%")]
    [InlineData("5\\text{\\%}", "5\\%")]
    [InlineData("5\\text{ squared}", "25")]
    [InlineData("3\\mathrm{i}", "3i")]
    [InlineData("\\sin^{-1} x", "\\arcsin x")]
    [InlineData("7!!", "105")]
    [InlineData("\\angle ABC = 90^\\circ", "90^\\circ = \\angle ABC")]
    public void Equal(string left, string right) => Both(left, right, AnswerAgreement.Equal);

    [Theory]
    [InlineData("0.3333333333333333", "\\frac13")]
    [InlineData("\\sqrt{x^2}", "x")]
    [InlineData("\\sqrt{a}\\sqrt{b}", "\\sqrt{ab}")]
    [InlineData("5\\%", "5")]
    [InlineData("5\\%", "0.05")]
    [InlineData("5\\text{ cm}", "5\\text{ in}")]
    [InlineData("5\\text{ cm}", "5\\text{ cm}^3")]
    [InlineData("\\frac{x}{x}", "0")]
    [InlineData("\\{1,2\\}", "(1,2)")]
    [InlineData("[1,2]", "(1,2)")]
    [InlineData("2,5", "5,2")]
    [InlineData("x < 3", "x > 3")]
    [InlineData("x=3", "y=3")]
    [InlineData("\\begin{vmatrix}1&2\\\\3&4\\end{vmatrix}", "\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}")]
    [InlineData("101_2", "101_3")]
    [InlineData("101_2", "5")]
    [InlineData("\\text{even}", "odd")]
    [InlineData("1,000", "1,00")]
    [InlineData("(1,000)", "1000")]
    [InlineData("2 3", "23")]
    [InlineData("1/0", "\\infty")]
    [InlineData("\\infty-\\infty", "0")]
    [InlineData("\\frac{1}{x-x}", "\\frac{2}{x-x}")]
    [InlineData("x^0.5x", "x")]
    [InlineData("\\sin x", "\\cos x")]
    [InlineData("10^{1000000000}", "10^{1000000001}")]
    [InlineData("2^{2^{2^{2^{2^{2}}}}}", "3^{3^{3^{3^{3}}}}")]
    [InlineData("9!!!!", "1")]
    [InlineData("3!!", "720")]
    [InlineData("5", "5\\text{ million}")]
    [InlineData("5", "5\\text{ hundredths}")]
    [InlineData("5", "5\\text{ or six}")]
    [InlineData("5", "5\\text{ and a half}")]
    [InlineData("5", "5\\text{ squared}")]
    [InlineData("5", "5\\text{ per cent}")]
    [InlineData("5", "5\\text{ pi}")]
    [InlineData("5", "5\\text{x}")]
    [InlineData("5", "5\\mathrm{i}")]
    [InlineData("5", "5 plus one")]
    [InlineData("5", "5 minus three")]
    [InlineData("5", "5 dozen")]
    [InlineData("\\sin^{-1} x", "\\frac{1}{\\sin x}")]
    [InlineData("\\overline{AB}", "\\overline{BA}")]
    [InlineData("\\angle ABC", "\\angle ACB")]
    [InlineData("ABC", "BCA")]
    [InlineData("HTT", "TTH")]
    [InlineData("1e999999999", "1e999999998")]
    [InlineData("(a+b+c+d+e+f+g+h)^{24}", "(a+b+c+d+e+f+g+h)^{23}")]
    public void NotEqual(string left, string right) => Both(left, right, null);

    /// <summary>Whatever stands in an answer, it is read in bounded time and depth.</summary>
    [Fact]
    public void Hostile_formulas_end_without_a_verdict()
    {
        string[] pieces =
        [
            "(", ")", "[", "]", "{", "}", "\\{", "\\}", "\\frac", "\\sqrt", "\\sqrt[", "^", "_", "1", "23", "1e9", ",", "x", "y", "+", "-", "/", "!",
            "|", "\\cdot", "\\text{a b}",
            "\\begin{pmatrix}", "\\end{pmatrix}", "&", "\\\\", "\\ln", "\\sin", "\\binom", "\\pm", "=", "<", "\\in", "\\cup", ":", "%", "$", "\\circ",
            "\\overline{3}", ".", "e", "i",
            "\\pi", "\ud83d", "\\", "\\mathbb", "\\infty", " ", "\\left", "0", "\\langle", "9999999999",
        ];
        var random = new Random(1);
        for (int round = 0; round < 20_000; round++)
        {
            var text = new StringBuilder();
            for (int i = random.Next(1, 14); i > 0; i--)
                text.Append(pieces[random.Next(pieces.Length)]);
            (AnswerAgreement agreement, _) = MathComparer.Compare(text.ToString(), "17");
            // An unknown is no number, unless the formula says what it is.
            bool unknown = text.Replace("\\text{a b}", "").ToString() is var formula && formula.Contains('x', StringComparison.Ordinal)
                && !formula.Contains('=', StringComparison.Ordinal) && !formula.Contains("\\in", StringComparison.Ordinal)
                && !formula.Contains('-', StringComparison.Ordinal) && !formula.Contains('^', StringComparison.Ordinal)
                && !formula.Contains('/', StringComparison.Ordinal) && !formula.Contains("frac", StringComparison.Ordinal);
            Assert.False(unknown && agreement == AnswerAgreement.Equal, formula);
        }

        foreach (string piece in pieces)
        {
            string text = string.Concat(Enumerable.Repeat(piece, 3000));
            Both(text, "17", null);
            Both("1" + text, "2" + text, null);
        }
    }

    /// <summary>Counted, not timed: what would take minutes is given up where every run gives it up.</summary>
    [Theory]
    [InlineData("((x+1)^{24})^{12}", 100, "+")]
    [InlineData("((x+1)^{17})^{17}", 100, "+")]
    [InlineData("((x+1)^{24}(x+2)^{12})^{8}", 70, "-")]
    public void What_takes_too_long_is_given_up(string term, int count, string sign)
    {
        (AnswerAgreement agreement, string rule) = MathComparer.Compare("5", string.Join(sign, Enumerable.Repeat(term, count)));
        Assert.Equal((AnswerAgreement.Undecided, "not understood: a formula that takes too long"), (agreement, rule));
        Assert.Equal(AnswerAgreement.Equal, MathComparer.Compare("(x+1)^{24}", "(1+x)^{24}").Agreement);
    }

    [Fact]
    public void Nested_sets_take_time_in_proportion_to_their_depth()
    {
        string Nested(string inside) => string.Concat(Enumerable.Repeat("\\{", 70)) + inside + string.Concat(Enumerable.Repeat("\\}", 70));
        Both(Nested("\\sin 1"), Nested("\\sin 2"), AnswerAgreement.Undecided);
    }

    private static void Both(string left, string right, AnswerAgreement? wanted)
    {
        AnswerAgreement straight = MathComparer.Compare(left, right).Agreement, turned = MathComparer.Compare(right, left).Agreement;
        if (wanted is { } agreement)
            Assert.Equal((agreement, agreement), (straight, turned));
        else
            Assert.True(straight != AnswerAgreement.Equal && turned != AnswerAgreement.Equal,
                $"'{left[..Math.Min(80, left.Length)]}' equals '{right[..Math.Min(80, right.Length)]}'");
    }
}
