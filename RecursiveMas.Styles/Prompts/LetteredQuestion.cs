using RecursiveMas.Python;

namespace RecursiveMas.Prompts;

/// <summary>Whether a question offers lettered answers: some line begins with a letter A to D, a mark, and white space.</summary>
internal static class LetteredQuestion
{
    public static bool Is(string question)
    {
        for (int line = 0; line >= 0; line = question.IndexOf('\n', line) + 1 is > 0 and int next ? next : -1)
        {
            int letter = line;
            while (letter < question.Length && question[letter] != '\n' && PythonText.IsSpace(question[letter]))
                letter++;
            if (letter < question.Length && question[letter] is (>= 'A' and <= 'D') or (>= 'a' and <= 'd') && HasMark(question, letter + 1))
                return true;
        }

        return false;
    }

    private static bool HasMark(string question, int at)
    {
        int mark = PythonText.SkipSpace(question, at);
        return mark + 1 < question.Length && question[mark] is '.' or ')' or ':' or '-' && PythonText.IsSpace(question[mark + 1]);
    }
}
