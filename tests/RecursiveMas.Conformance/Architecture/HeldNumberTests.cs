using Mono.Cecil;
using Mono.Cecil.Cil;
using TorchSharp;
using Xunit;

namespace RecursiveMas.Conformance.Architecture;

/// <summary>
/// A number on its way into libtorch is held until the call has returned. TorchSharp 0.107 holds none of those that it makes itself, and an implicit
/// conversion in an argument leaves nobody who does: a collection during the call frees the number, and the call fails or takes another one.
/// </summary>
public sealed class HeldNumberTests
{
    private const string Conversion = "TorchSharp.Scalar TorchSharp.Scalar::op_Implicit(", Explicit = "TorchSharp.ScalarExtensionMethods::ToScalar(";

    private static readonly Lazy<HashSet<string>> s_careless = new(() =>
    {
        var calls = Methods(typeof(torch)).ToDictionary(method => method.FullName, method => Called(method).Select(call => call.Name).ToHashSet());
        var careless = calls.Where(entry => entry.Value.Any(IsConversion)).Select(entry => entry.Key).ToHashSet();
        int before;
        do
        {
            before = careless.Count;
            careless.UnionWith(calls.Where(entry => entry.Value.Overlaps(careless)).Select(entry => entry.Key).ToList());
        }
        while (careless.Count > before);
        return careless;
    });

    [Theory]
    [InlineData(typeof(RecursionEngine))]
    [InlineData(typeof(CausalLanguageModel))]
    [InlineData(typeof(MasSystem))]
    public void Libraries_hold_every_number_that_they_pass(Type library)
    {
        Assert.True(s_careless.Value.Count is > 100 and < 2000, $"{s_careless.Value.Count} methods of TorchSharp make numbers");
        var faults = new List<string>();
        foreach (MethodDefinition method in Methods(library))
        {
            foreach ((Instruction at, string name) in Called(method))
            {
                // A number of one's own has to go into a field, or into a variable that a using block disposes of.
                bool kept = at.Next.OpCode.Code == Code.Stsfld
                    || (at.Next.OpCode.Name.StartsWith("stloc", StringComparison.Ordinal) && method.Body.HasExceptionHandlers);
                if (name.StartsWith(Conversion, StringComparison.Ordinal)
                    || s_careless.Value.Contains(name)
                    || (name.Contains(Explicit, StringComparison.Ordinal) && !kept))
                    faults.Add($"{method.DeclaringType.Name}.{method.Name} calls {name}");
            }
        }

        Assert.True(faults.Count == 0, string.Join(Environment.NewLine, faults));
    }

    private static IEnumerable<MethodDefinition> Methods(Type type) =>
        AssemblyDefinition.ReadAssembly(type.Assembly.Location).MainModule.GetTypes().SelectMany(inner => inner.Methods).Where(method => method.HasBody);

    private static IEnumerable<(Instruction At, string Name)> Called(MethodDefinition method) =>
        from instruction in method.Body.Instructions
        where instruction.Operand is MethodReference
        let called = (MethodReference)instruction.Operand
        select (instruction, (called is GenericInstanceMethod generic ? generic.ElementMethod : called).FullName);

    private static bool IsConversion(string name) => name.StartsWith(Conversion, StringComparison.Ordinal) || name.Contains(Explicit, StringComparison.Ordinal);
}
