using System.Security.Cryptography;
using System.Text;

namespace RecursiveMas.Tiny;

/// <summary>"Who is Mia's friend's boss?": what mixture_tiny was trained to answer. Its agents know one relation each.</summary>
internal static class RelationQuestions
{
    // Of questions with two relations and more these are in no stage of its training.
    private const int MostRelations = 4, FirstOfTraining = 102;

    private static readonly string[] s_people =
    [
        "Mia", "Ben", "Ana", "Tom", "Lea", "Max", "Eva", "Jan", "Ida", "Sam", "Zoe", "Leo", "Amy", "Kai", "Nora", "Paul", "Rosa", "Finn", "Lily",
        "Otto", "Emma", "Hugo", "Vera", "Carl",
    ];

    /// <summary>Whom a relation leads to, by the place of the person whom it starts from.</summary>
    private static readonly (string Name, string[] Of)[] s_relations =
    [
        ("friend",
        [
            "Max", "Zoe", "Ida", "Rosa", "Sam", "Eva", "Vera", "Lea", "Otto", "Jan", "Ben", "Carl", "Hugo", "Finn", "Mia", "Leo", "Tom", "Emma",
            "Ana", "Paul", "Amy", "Kai", "Lily", "Nora",
        ]),
        ("boss",
        [
            "Ben", "Kai", "Lea", "Mia", "Eva", "Ana", "Tom", "Sam", "Emma", "Zoe", "Nora", "Paul", "Leo", "Lily", "Vera", "Amy", "Ida", "Hugo",
            "Otto", "Carl", "Max", "Finn", "Rosa", "Jan",
        ]),
        ("neighbour",
        [
            "Hugo", "Nora", "Zoe", "Otto", "Finn", "Carl", "Tom", "Lily", "Sam", "Mia", "Jan", "Emma", "Ana", "Eva", "Amy", "Max", "Lea", "Vera",
            "Kai", "Leo", "Paul", "Rosa", "Ben", "Ida",
        ]),
    ];

    /// <summary>A question with one to four relations, and its answer.</summary>
    public static (string Text, string Answer) Draw(Random random)
    {
        while (true)
        {
            string start = s_people[random.Next(s_people.Length)], person = start;
            var text = new StringBuilder($"Who is {start}");
            int relations = random.Next(1, MostRelations + 1);
            for (int i = 0; i < relations; i++)
            {
                (string name, string[] of) = s_relations[random.Next(s_relations.Length)];
                text.Append("'s ").Append(name);
                person = of[Array.IndexOf(s_people, person)];
            }

            text.Append('?');
            if (relations == 1 || SHA256.HashData(Encoding.UTF8.GetBytes($"{text}"))[0] < FirstOfTraining)
                return ($"{text}", person);
        }
    }
}
