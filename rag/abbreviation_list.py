"""Abbreviations that are common in machine learning, and what they stand for.

A line is an abbreviation and its meanings, apart by "|"; of one meaning, ways to say it, apart by ";". Which meaning counts is
for the papers of a library to say (`rag.abbreviations`). Names of methods and of models are no abbreviations ("LoRA").
"""

from __future__ import annotations

# Fields, tasks, kinds of models, ways to train and run them.
_SUBJECTS = """
AE: autoencoder; auto-encoder | adverse event
AGI: artificial general intelligence
AI: artificial intelligence
AL: active learning
AMR: abstract meaning representation | automatic modulation recognition
ANN: artificial neural network; neural network | approximate nearest neighbor; approximate nearest neighbour
API: application programming interface
AR: autoregressive; auto-regressive | augmented reality
ASR: automatic speech recognition; speech recognition | attack success rate
ATE: average treatment effect
BCI: brain-computer interface
BN: batch normalization; batch norm | Bayesian network
BNN: Bayesian neural network | binary neural network
BO: Bayesian optimization; Bayesian optimisation
BPE: byte pair encoding; byte-pair encoding
CAM: class activation map
CFG: classifier-free guidance | context-free grammar; control flow graph
CIL: class-incremental learning
CL: continual learning | contrastive learning | curriculum learning
CNN: convolutional neural network; convolutional network; convolutional net
CoT: chain of thought; chain-of-thought
CPT: continual pre-training; continued pre-training; continual pretraining; continued pretraining
CPU: central processing unit
CTC: connectionist temporal classification
CTR: click-through rate
CV: computer vision | cross-validation
DA: domain adaptation | data augmentation
DDP: distributed data parallel
DG: domain generalization; domain generalisation
DiT: diffusion transformer
DL: deep learning
DNN: deep neural network; neural network
DP: differential privacy; differentially private | data parallelism; data parallel | dynamic programming
DPO: direct preference optimization; direct preference optimisation
DRL: deep reinforcement learning; reinforcement learning
DRO: distributionally robust optimization; distributional robustness
EBM: energy-based model
ECG: electrocardiogram; electrocardiography
EEG: electroencephalography; electroencephalogram
EHR: electronic health record; electronic medical record
EM: exact match | expectation maximization; expectation-maximization | electron microscopy
EMA: exponential moving average
EP: expert parallelism; expert parallel
ERM: empirical risk minimization; empirical risk minimisation
ES: evolution strategies; evolutionary strategies
FFN: feed-forward network; feedforward network; feed-forward layer; feedforward layer
FHE: fully homomorphic encryption; homomorphic encryption
FL: federated learning
FM: foundation model | flow matching
FP: floating point; floating-point
FPGA: field-programmable gate array
FSDP: fully sharded data parallel
FSL: few-shot learning
FT: fine-tuning; finetuning
GA: genetic algorithm | gradient accumulation
GAN: generative adversarial network; generative adversarial net
GBDT: gradient boosted decision tree; gradient boosting decision tree
GCN: graph convolutional network; graph convolution network
GD: gradient descent
GNN: graph neural network; graph network
GP: Gaussian process
GPU: graphics processing unit
GQA: grouped-query attention; grouped query attention
GRPO: group relative policy optimization; group relative policy optimisation
GRU: gated recurrent unit
GUI: graphical user interface
HCI: human-computer interaction
HE: homomorphic encryption
HMM: hidden Markov model
HPC: high-performance computing; high performance computing
HPO: hyperparameter optimization; hyper-parameter optimization; hyperparameter tuning
ICL: in-context learning
IE: information extraction
IL: imitation learning
INR: implicit neural representation
IR: information retrieval | intermediate representation
IRL: inverse reinforcement learning
IT: instruction tuning
ITS: intelligent tutoring system
KD: knowledge distillation; distillation
KG: knowledge graph
KV: key-value
KGE: knowledge graph embedding
KGQA: knowledge graph question answering
LDM: latent diffusion model
LLM: large language model; language model
LM: language model; language modeling; language modelling
LMM: large multimodal model; multimodal model
LR: learning rate | logistic regression | low-resource
LRM: large reasoning model; reasoning model
LSTM: long short-term memory
LVLM: large vision-language model; vision-language model; vision language model
MAE: masked autoencoder | mean absolute error
MARL: multi-agent reinforcement learning
MAS: multi-agent system
MCMC: Markov chain Monte Carlo
MCTS: Monte Carlo tree search
MDP: Markov decision process
MHA: multi-head attention
MIA: membership inference attack; membership inference
MIL: multiple instance learning
MIM: masked image modeling; masked image modelling
ML: machine learning
MLA: multi-head latent attention
MLLM: multimodal large language model; multi-modal large language model; multimodal language model; multimodal LLM
MLM: masked language modeling; masked language model; masked language modelling
MLP: multilayer perceptron; multi-layer perceptron
MoE: mixture of experts; mixture-of-experts; mixture of expert
MPC: model predictive control | multi-party computation
MQA: multi-query attention
MRI: magnetic resonance imaging
MT: machine translation; translation system
MTL: multi-task learning; multitask learning
MTP: multi-token prediction
NAS: neural architecture search; architecture search
NER: named entity recognition; entity recognition
NeRF: neural radiance field; radiance field
NLG: natural language generation; text generation
NLI: natural language inference; textual entailment
NLP: natural language processing
NLU: natural language understanding; language understanding
NMT: neural machine translation; machine translation
NN: neural network; neural net
NPU: neural processing unit
NTK: neural tangent kernel
NVS: novel view synthesis
OCR: optical character recognition; character recognition; text recognition
ODE: ordinary differential equation
OOD: out-of-distribution; out of distribution
OT: optimal transport
PCA: principal component analysis
PDE: partial differential equation
PEFT: parameter-efficient fine-tuning; parameter efficient fine-tuning; parameter-efficient finetuning; parameter-efficient tuning
PETL: parameter-efficient transfer learning
PINN: physics-informed neural network
PLM: pretrained language model; pre-trained language model | protein language model
POMDP: partially observable Markov decision process
PPO: proximal policy optimization; proximal policy optimisation
PP: pipeline parallelism; pipeline parallel
PRM: process reward model
PT: prompt tuning
PTM: pre-trained model; pretrained model
PTQ: post-training quantization; post-training quantisation
QA: question answering; question answer; answering questions
QAT: quantization-aware training; quantisation-aware training; quantization aware training
RAG: retrieval-augmented generation; retrieval augmented generation; retrieval-augmented
RFT: reinforcement fine-tuning; rejection sampling fine-tuning
RL: reinforcement learning
RLAIF: reinforcement learning from AI feedback
RLHF: reinforcement learning from human feedback; human feedback
RLVR: reinforcement learning with verifiable rewards; verifiable reward
RM: reward model; reward modeling
RNN: recurrent neural network; recurrent network; recurrent net
ROI: region of interest
RS: recommender system; recommendation system | remote sensing
SAE: sparse autoencoder
SDE: stochastic differential equation
SER: speech emotion recognition
SFT: supervised fine-tuning; supervised finetuning
SGD: stochastic gradient descent
SLAM: simultaneous localization and mapping; simultaneous localisation and mapping
SLM: small language model
SNN: spiking neural network
SOTA: state of the art; state-of-the-art
SR: super-resolution | speech recognition
SSL: self-supervised learning; self-supervision; self-supervised | semi-supervised learning; semi-supervised
SSM: state space model; state-space model
ST: speech translation
STT: speech to text; speech-to-text; speech recognition
SVD: singular value decomposition
SVM: support vector machine
S2ST: speech-to-speech translation
T2I: text-to-image; text to image
T2V: text-to-video; text to video
TP: tensor parallelism; tensor parallel
TPP: temporal point process
TTA: test-time adaptation; test-time augmentation
TTS: text-to-speech; text to speech; speech synthesis | test-time scaling
TTT: test-time training
UDA: unsupervised domain adaptation
UQ: uncertainty quantification; uncertainty estimation
VAD: voice activity detection | video anomaly detection
VAE: variational autoencoder; variational auto-encoder
VC: voice conversion
ViT: vision transformer; visual transformer
VLA: vision-language-action; vision language action
VLM: vision-language model; vision language model; visual language model
VLN: vision-and-language navigation; vision-language navigation
VLP: vision-language pretraining; vision-language pre-training
VO: visual odometry
VQ: vector quantization; vector quantisation; vector-quantized
VQA: visual question answering
VR: virtual reality
WSI: whole slide image; whole-slide image
WSD: word sense disambiguation | warmup-stable-decay
XAI: explainable artificial intelligence; explainable AI
ZSL: zero-shot learning
3DGS: 3D Gaussian splatting; Gaussian splatting
"""

# What is measured, and on what.
_MEASURES = """
ACC: accuracy
AJ: average Jaccard
AP: average precision
AUC: area under the curve; area under the receiver operating characteristic curve; area under the ROC curve
AUPRC: area under the precision-recall curve; average precision
AUROC: area under the receiver operating characteristic curve; area under the ROC curve; area under the curve
BPB: bits per byte
BPC: bits per character
CER: character error rate
DER: diarization error rate; diarisation error rate
ECE: expected calibration error; calibration error
EER: equal error rate
FAD: Frechet audio distance
FID: Frechet inception distance; inception distance
FLOP: floating-point operation; floating point operation
FNR: false negative rate
FPR: false positive rate
FPS: frames per second
FVD: Frechet video distance
IoU: intersection over union
ITL: inter-token latency
KL: Kullback-Leibler
LOC: lines of code
LPIPS: learned perceptual image patch similarity; perceptual similarity
MAPE: mean absolute percentage error
mAP: mean average precision; average precision
MFU: model FLOPs utilization; model FLOPS utilization; FLOPs utilization
mIoU: mean intersection over union; intersection over union
MMD: maximum mean discrepancy
MOS: mean opinion score; opinion score
MRR: mean reciprocal rank; reciprocal rank
MSE: mean squared error; mean square error
NDCG: normalized discounted cumulative gain
NLL: negative log-likelihood; negative log likelihood
NQ: Natural Questions
PCK: percentage of correct keypoints
PER: phoneme error rate
PPL: perplexity
PSNR: peak signal-to-noise ratio
RMSE: root mean squared error; root mean square error
ROC: receiver operating characteristic
RTF: real-time factor
SDR: signal-to-distortion ratio
SLO: service level objective; service-level objective
SNR: signal-to-noise ratio
SSIM: structural similarity
TPOT: time per output token
TPR: true positive rate
TTFT: time to first token; time-to-first-token
WER: word error rate
"""

# Those that are typed in small letters, too, though they can be spoken like words; others are when they cannot ("llm").
SPOKEN = frozenset(
    """
    rag asr auc auroc auprc iou miou nerf slam peft moe gan vae ood ocr cot icl eer wer cer ner gnn pinn lora lstm marl fid vit
    mae mse sota sae nlu nli vqa qa ai xai gpu cpu tpu npu api gui eeg ecg ppo dpo rlaif llm vla vlm mllm lvlm lmm fpga
    ssim mos bleu tta tts ece mfu pomdp uda
    """.split()
)

# Kinds of models that have many members with names of their own: who names one of these does not contradict the kind.
CLASSES = frozenset("ai dnn llm lm lmm lrm lvlm ml mllm nn plm slm vla vlm".split())


def _read(lines: str) -> dict[str, tuple[tuple[str, ...], ...]]:
    found = {}
    for line in lines.strip().splitlines():
        short, _, meanings = line.partition(":")
        found[short] = tuple(tuple(way.strip() for way in meaning.split(";")) for meaning in meanings.split("|"))
    return found


_SPELT = _read(_SUBJECTS), _read(_MEASURES)
# How each is written, what they stand for by their key (small letters), and the keys of what is measured.
WRITTEN = {short.lower(): short for lines in _SPELT for short in lines}
KNOWN = {short.lower(): meanings for lines in _SPELT for short, meanings in lines.items()}
MEASURES = frozenset(short.lower() for short in _SPELT[1])
