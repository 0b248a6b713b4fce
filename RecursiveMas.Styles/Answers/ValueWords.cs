namespace RecursiveMas.Answers;

/// <summary>Words around values, in small letters.</summary>
internal static class ValueWords
{
    /// <summary>In front of a value these add nothing to it.</summary>
    public static readonly HashSet<string> Introductions = Words.Set(
        "exactly simply just equal to the a an number value interval set point pair fraction integer ratio total of only therefore thus hence indeed "
        + "then now also following");

    public static readonly HashSet<string> Approximations = Words.Set("approximately about roughly around approx nearly");

    public static readonly HashSet<string> Verbs = Words.Set("is are was were equals");

    /// <summary>With these the writer goes on to something else.</summary>
    public static readonly HashSet<string> Ends = Words.Set(
        "because since as for so which that where when given due but though although hence therefore thus after from using with who whose is are was "
        + "were not i.e e.g left remaining altogether total each we this it he she they there here see i at on into within via namely while such indeed");

    /// <summary>With these what was said is no commitment.</summary>
    public static readonly HashSet<string> Conditions = Words.Set("if unless assuming provided maybe perhaps probably possibly depending than");

    /// <summary>These join two values, and end one where no other follows.</summary>
    public static readonly HashSet<string> Joints = Words.Set("and or to by of in times plus minus over out through");

    /// <summary>Answers by themselves.</summary>
    public static readonly HashSet<string> Known = Words.Set(
        "yes no true false even odd none undefined infinity infinite solution solutions real all numbers reals impossible both never always");

    /// <summary>An answer in words does not begin with these.</summary>
    public static readonly HashSet<string> Excuses = Words.Set(
        "i we you it he she they this that these those there here what how why see let to if since because step part case question problem explanation "
        + "first given not unknown unclear undetermined indeterminate cannot can't could depends pending tbd as above below based by for now none in at "
        + "on your insert single integer number");

    /// <summary>With these a sentence commits to nothing, or speaks of another place.</summary>
    public static readonly HashSet<string> Doubts = Words.Set(
        "cannot can't not unknown unclear undetermined depends could might may either between step part section see");

    /// <summary>With these a sentence begins that is still on its way to the answer.</summary>
    public static readonly HashSet<string> Openers = Words.Set(
        "let to since first suppose note consider given because if we step recall from using by when as");

    private static readonly HashSet<string> s_numbers = Words.Set(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty "
        + "thirty forty fifty sixty seventy eighty ninety hundred thousand million");

    /// <summary>Whether a word is a number: "twelve", "twenty-five".</summary>
    public static bool IsNumber(string word) =>
        s_numbers.Contains(word) || (word.Split('-') is [var tens, var ones] && s_numbers.Contains(tens) && s_numbers.Contains(ones));
}
