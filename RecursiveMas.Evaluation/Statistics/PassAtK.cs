using RecursiveMas.Shared;

namespace RecursiveMas;

/// <summary>pass@k: the probability that at least one of k answers to a question is right.</summary>
public static class PassAtK
{
    /// <summary>The unbiased estimate from n answers of which c are right: 1 - C(n - c, k) / C(n, k). With k = n it is 1 if any is right, else 0.</summary>
    /// <param name="answers">Answers n that were drawn, at least k.</param>
    /// <param name="right">Right ones c among them.</param>
    /// <param name="k">Answers that are allowed, at least 1.</param>
    /// <exception cref="InvalidOptionException">A number is out of range.</exception>
    public static double Estimate(int answers, int right, int k)
    {
        Given.AtLeast(Given.AtLeast(1, k, nameof(k)), answers, nameof(answers));
        Given.AtLeast(0, right, nameof(right));
        if (right > answers)
            throw new InvalidOptionException(nameof(right), $"{right} are more than all {answers}.");
        double none = 1;
        for (int i = 0; i < k; i++)
            none *= Math.Max(0, (double)(answers - right - i) / (answers - i));
        return 1 - none;
    }
}
