using RecursiveMas.Layers;
using RecursiveMas.Testing;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace RecursiveMas.Models.Tests.Layers;

/// <summary>Both forms of the gated delta rule against a slow one that does exactly what the formula says, in float64.</summary>
public class GatedDeltaRuleTests
{
    private const double Near = 2e-5;

    public static IEnumerable<object[]> Cases =>
        from form in new[] { "recurrent", "chunked" }
        from steps in new[] { 1, 2, 3, 63, 64, 65, 150 }
        from decay in new[] { "weak", "strong", "mixed" }
        select new object[] { form, steps, decay };

    [Theory]
    [InlineData("recurrent")]
    [InlineData("chunked")]
    public void Worked_numbers(string form)
    {
        using var scope = NewDisposeScope();
        var input = new DeltaInput(
            tensor(new float[] { 1, 0, 0.6f, 0.8f, 0, 1 }).view(1, 3, 1, 2),
            tensor(new float[] { 0.6f, 0.8f, 1, 0, 0, 1 }).view(1, 3, 1, 2),
            tensor(new float[] { 1, 2, 3, -1, 0.5f, 4 }).view(1, 3, 1, 2),
            tensor(new float[] { 0.5f, 0.25f, 1 }).view(1, 3, 1),
            tensor(new float[] { -0.1f, -0.2f, -0.3f }).view(1, 3, 1));
        (Tensor output, Tensor state) = Run(form, input, null);
        TensorChecks.Close(tensor(new[] { 0.3f, 0.6f, 0.82252249f, 0.59504499f, 0.5f, 4 }).view(1, 3, 1, 2), output, 1e-6);
        TensorChecks.Close(tensor(new[] { 0.69208306f, 0.08773424f, 0.5f, 4 }).view(1, 1, 2, 2), state, 1e-6);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Equal_to_the_step_by_step_oracle(string form, int steps, string decay)
    {
        using var scope = NewDisposeScope();
        DeltaInput input = Random(steps, decay);
        Tensor before = randn(2, 3, 5, 4);
        foreach (Tensor? state in new[] { null, before })
        {
            (Tensor expected, Tensor expectedState) = Oracle(input, state);
            (Tensor output, Tensor after) = Run(form, input, state?.clone());
            TensorChecks.Close(expected, output, Near, "outputs");
            TensorChecks.Close(expectedState, after, Near, "state");
        }
    }

    [Theory]
    [InlineData(3, 64)]
    [InlineData(65, 1)]
    [InlineData(40, 90)]
    public void A_sequence_may_be_cut_anywhere(int first, int second)
    {
        using var scope = NewDisposeScope();
        DeltaInput input = Random(first + second, "weak");
        (Tensor whole, Tensor wholeState) = GatedDeltaRule.Chunked(input, null);
        foreach (string form in new[] { "recurrent", "chunked" })
        {
            (Tensor start, Tensor state) = GatedDeltaRule.Chunked(Part(input, 0, first), null);
            (Tensor end, Tensor endState) = Run(form, Part(input, first, second), state);
            TensorChecks.Close(whole, cat([start, end], 1), Near, form);
            TensorChecks.Close(wholeState, endState, Near, form);
        }
    }

    [Fact]
    public void A_state_is_written_into_only_when_that_is_allowed()
    {
        using var mode = inference_mode(true);
        using var scope = NewDisposeScope();
        DeltaInput input = Random(2, "weak");
        Tensor state = randn(2, 3, 5, 4), copy = state.clone();
        (_, Tensor after) = GatedDeltaRule.Recurrent(input, state);
        TensorChecks.Close(copy, state, 0);
        (_, Tensor same) = GatedDeltaRule.Recurrent(input, state, overwrite: true);
        Assert.Same(state, same);
        TensorChecks.Close(after, same, 0);
    }

    [Fact]
    public void Both_forms_have_the_same_gradients()
    {
        using var scope = NewDisposeScope();
        Tensor[] gradients = [.. new[] { "recurrent", "chunked" }.Select(form =>
        {
            DeltaInput input = Random(20, "weak");
            Tensor keys = input.Keys.requires_grad_(true);
            (Tensor output, Tensor state) = Run(form, input with { Keys = keys }, null);
            (output.square().sum() + state.square().sum()).backward();
            return keys.grad!;
        })];
        TensorChecks.Close(gradients[0], gradients[1], 1e-4);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(9)]
    public void The_convolution_sees_the_present_and_the_columns_before(int steps)
    {
        using var scope = NewDisposeScope();
        const int Rows = 2, Channels = 6, Kernel = 4;
        Tensor weight = randn(Channels, 1, Kernel), inputs = randn(Rows, steps, Channels), before = randn(Rows, Kernel - 1, Channels);
        using var convolution = new CausalConvolution(weight.clone());
        foreach (Tensor? columns in new[] { null, before })
        {
            Tensor padded = cat([columns ?? zeros_like(before), inputs], 1);
            Tensor expected = nn.functional.silu(nn.functional.conv1d(padded.transpose(1, 2), weight, groups: Channels).transpose(1, 2));
            (Tensor output, Tensor after) = convolution.Forward(inputs, columns);
            TensorChecks.Close(expected, output, 1e-5);
            TensorChecks.Close(padded.narrow(1, steps, Kernel - 1), after, 0);
        }
    }

    private static (Tensor Output, Tensor State) Run(string form, DeltaInput input, Tensor? state) =>
        form == "recurrent" ? GatedDeltaRule.Recurrent(input, state) : GatedDeltaRule.Chunked(input, state);

    private static DeltaInput Random(int steps, string decay)
    {
        const int Rows = 2, Heads = 3, Keys = 5, Values = 4;
        using var generator = new Generator((ulong)steps);
        Tensor g = -rand([Rows, steps, Heads], generator: generator);
        if (decay == "strong")
            g -= 50;
        else if (decay == "mixed")
            g *= rand([Rows, steps, Heads], generator: generator).gt(0.7).to_type(ScalarType.Float32) * 50;
        return new DeltaInput(
            Unit(randn([Rows, steps, Heads, Keys], generator: generator)),
            Unit(randn([Rows, steps, Heads, Keys], generator: generator)),
            randn([Rows, steps, Heads, Values], generator: generator),
            rand([Rows, steps, Heads], generator: generator),
            g);
    }

    private static Tensor Unit(Tensor x) => x / x.square().sum([-1], keepdim: true).sqrt();

    private static DeltaInput Part(DeltaInput input, int start, int length) => new(
        input.Queries.narrow(1, start, length),
        input.Keys.narrow(1, start, length),
        input.Values.narrow(1, start, length),
        input.Beta.narrow(1, start, length),
        input.LogDecay.narrow(1, start, length));

    /// <summary>The formula with plain numbers.</summary>
    private static (Tensor Output, Tensor State) Oracle(DeltaInput input, Tensor? before)
    {
        (long rows, long steps, long heads, long keys) = (input.Keys.size(0), input.Keys.size(1), input.Keys.size(2), input.Keys.size(3));
        long values = input.Values.size(3);
        double[] q = Numbers(input.Queries), k = Numbers(input.Keys), v = Numbers(input.Values), beta = Numbers(input.Beta), g = Numbers(input.LogDecay);
        double[] states = before is null ? new double[rows * heads * keys * values] : Numbers(before);
        var outputs = new double[rows * steps * heads * values];
        for (long row = 0; row < rows; row++)
        {
            for (long head = 0; head < heads; head++)
            {
                Span<double> s = states.AsSpan((int)((row * heads + head) * keys * values), (int)(keys * values));
                for (long t = 0; t < steps; t++)
                {
                    long at = (row * steps + t) * heads + head;
                    foreach (ref double cell in s)
                        cell *= Math.Exp(g[at]);
                    for (int j = 0; j < values; j++)
                    {
                        double read = 0, written = 0;
                        for (int i = 0; i < keys; i++)
                            read += s[i * (int)values + j] * k[at * keys + i];
                        double change = beta[at] * (v[at * values + j] - read);
                        for (int i = 0; i < keys; i++)
                        {
                            s[i * (int)values + j] += k[at * keys + i] * change;
                            written += s[i * (int)values + j] * q[at * keys + i];
                        }

                        outputs[at * values + j] = written;
                    }
                }
            }
        }

        return (tensor(outputs).view(rows, steps, heads, values), tensor(states).view(rows, heads, keys, values));
    }

    private static double[] Numbers(Tensor x) => x.to_type(ScalarType.Float64).contiguous().data<double>().ToArray();
}
