using System.Globalization;
using System.Numerics;
using System.Text.Json;
using RecursiveMas.Checkpoints;
using RecursiveMas.Checkpoints.Pt;
using RecursiveMas.Weights;
using Xunit;

namespace RecursiveMas.Models.Tests.Checkpoints;

/// <summary>Compares a read file with the tree that the golden data write down.</summary>
internal sealed class PtExpectation(PtFile file, SafetensorsFile? stored)
{
    private readonly Dictionary<int, string> _storages = [];

    public void Check(JsonElement root)
    {
        var tensors = new List<(PtTensor Actual, JsonElement Expected)>();
        Compare(root, file.Root, tensors);
        using var loader = new PtTensors(file);
        foreach ((PtTensor actual, _) in tensors)
            loader.Announce(actual);
        foreach ((PtTensor actual, JsonElement expected) in tensors)
            PtTests.Same(stored!.Get(expected.GetProperty("tensor").GetString()!), loader.Load(actual));
    }

    /// <summary>Loads every tensor of a file.</summary>
    public static void LoadAll(PtFile file)
    {
        var found = PtTree.Flatten(file);
        using var loader = new PtTensors(file);
        foreach (PtTensor tensor in found.Tensors.Values)
            loader.Announce(tensor);
        foreach (PtTensor tensor in found.Tensors.Values)
            loader.Load(tensor).Dispose();
    }

    private void Compare(JsonElement expected, object? actual, List<(PtTensor, JsonElement)> tensors)
    {
        switch (expected.ValueKind)
        {
            case JsonValueKind.Null: Assert.Null(actual); return;
            case JsonValueKind.True or JsonValueKind.False: Assert.Equal(expected.GetBoolean(), actual); return;
            case JsonValueKind.String: Assert.Equal(expected.GetString(), actual); return;
        }

        JsonProperty first = expected.EnumerateObject().First();
        switch (first.Name)
        {
            case "dict" or "ordered_dict":
                PickleDict dict = Assert.IsType<PickleDict>(actual);
                Assert.Equal(first.Name == "ordered_dict", dict.Ordered);
                Assert.Equal(first.Value.GetArrayLength(), dict.Items.Count);
                foreach ((JsonElement pair, KeyValuePair<object?, object?> item) in first.Value.EnumerateArray().Zip(dict.Items))
                {
                    Compare(pair[0], item.Key, tensors);
                    Compare(pair[1], item.Value, tensors);
                }

                break;
            case "list" or "tuple":
                IReadOnlyList<object?> items = first.Name == "list" ? Assert.IsType<PickleList>(actual).Items : Assert.IsType<PickleTuple>(actual).Items;
                Assert.Equal(first.Value.GetArrayLength(), items.Count);
                foreach ((JsonElement element, object? item) in first.Value.EnumerateArray().Zip(items))
                    Compare(element, item, tensors);
                break;
            case "int":
                Assert.Equal(
                    BigInteger.Parse(first.Value.GetString()!, CultureInfo.InvariantCulture),
                    actual is long small ? small : Assert.IsType<BigInteger>(actual));
                break;
            case "float":
                Assert.Equal(
                    expected.GetProperty("bits").GetString(),
                    BitConverter.DoubleToUInt64Bits(Assert.IsType<double>(actual)).ToString("x16", CultureInfo.InvariantCulture));
                break;
            case "tensor":
                PtTensor tensor = Assert.IsType<PtTensor>(actual);
                CompareTensor(expected, tensor);
                tensors.Add((tensor, expected));
                break;
            default:
                Assert.Fail($"The expectation has an unknown kind '{first.Name}'.");
                break;
        }
    }

    private void CompareTensor(JsonElement expected, PtTensor actual)
    {
        string[] types = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float32", "float64", "complex64", "complex128"];
        string[] classes = ["Bool", "Byte", "Char", "Short", "Int", "Long", "Half", "BFloat16", "Float", "Double", "ComplexFloat", "ComplexDouble"];
        Assert.Equal(
            expected.GetProperty("dtype").GetString(),
            types[Array.IndexOf(classes, actual.Storage.ClassName.Replace("Storage", "", StringComparison.Ordinal))]);
        Assert.Equal(expected.GetProperty("shape").EnumerateArray().Select(e => e.GetInt64()), actual.Shape);
        Assert.Equal(expected.GetProperty("stride").EnumerateArray().Select(e => e.GetInt64()), actual.Strides);
        Assert.Equal(expected.GetProperty("offset").GetInt64(), actual.Offset);
        Assert.Equal(expected.GetProperty("storage_bytes").GetInt64(), actual.Storage.ByteCount);
        Assert.Equal(expected.GetProperty("requires_grad").GetBoolean(), actual.RequiresGrad);
        Assert.Equal(expected.TryGetProperty("parameter", out JsonElement parameter) && parameter.GetBoolean(), actual.IsParameter);
        int number = expected.GetProperty("storage").GetInt32();
        Assert.Equal(_storages.TryGetValue(number, out string? key), _storages.ContainsValue(actual.Storage.Key));
        if (key is null)
            _storages.Add(number, actual.Storage.Key);
        else
            Assert.Equal(key, actual.Storage.Key);
    }
}
