using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using RecursiveMas.DataSets.Random;
using RecursiveMas.DataSets.Rows;

namespace RecursiveMas.DataSets.Sets;

/// <summary>GPQA: a stem, the right answer and three wrong ones, in an order that depends on the seed and the stem alone.</summary>
internal sealed class GpqaSet : ISetReader
{
    private const string Letters = "ABCD";

    private static readonly string[] s_stems = ["Question", "question", "query", "prompt"];
    private static readonly string[][] s_options =
    [
        ["Correct Answer", "correct_answer"],
        ["Incorrect Answer 1", "incorrect_answer_1"],
        ["Incorrect Answer 2", "incorrect_answer_2"],
        ["Incorrect Answer 3", "incorrect_answer_3"],
    ];

    public bool Wants(string column) => column == "Record ID" || s_stems.Contains(column) || s_options.Any(option => option.Contains(column));

    public EvaluationQuestion Read(DataRow row, int index, QuestionSetOptions options, Action<string, string> fault)
    {
        row.Require(s_stems);
        row.Require(s_options[0]);
        string stem = row.FirstText(s_stems);
        string[] texts = [.. s_options.Select(columns => row.FirstText(columns))];
        if (stem.Length == 0)
            fault("question", "It is empty.");
        if (texts.Any(text => text.Length == 0))
            fault("options", $"{texts.Count(text => text.Length == 0)} of the four are empty.");
        int[] order = options.ShuffleChoices ? Order(stem.Length > 0 ? stem : string.Join("||", texts), options.Seed) : [0, 1, 2, 3];
        string lines = string.Join('\n', order.Select((option, place) => $"{Letters[place]}. {texts[option]}"));
        string letter = Letters[Array.IndexOf(order, 0)].ToString();
        return new EvaluationQuestion(index, SetId.Of(row, index, "Record ID"), ChoiceText.Asking($"{stem}\n{lines}", options.Wording))
        {
            Kind = TaskKind.Choice,
            Comparison = AnswerComparison.Choice,
            Gold = texts[0].Length > 0 ? letter : "",
            ReferenceGold = letter,
        };
    }

    /// <summary>Which option stands at each place.</summary>
    public static int[] Order(string text, long seed) => new PythonRandom(SeedOf(text, seed)).Shuffle(Letters.Length);

    /// <summary>The generator's seed.</summary>
    public static BigInteger SeedOf(string text, long seed)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seed}::{text}"));
#pragma warning disable CA5351 // The reference's choice; nothing is protected by it.
        return new BigInteger(MD5.HashData(bytes).AsSpan(0, 8), isUnsigned: true, isBigEndian: true);
#pragma warning restore CA5351
    }
}
